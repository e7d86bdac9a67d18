import type { Value } from "../../ir/graph.ts";
import type { NodeOf } from "../../ops/predicates.ts";
import type { PostOp } from "../binding/dnnl.ts";
import type { ChainLink } from "../plan/fusions.ts";
import { scaled } from "../plan/operands.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";
import type { Operand } from "../plan/program.ts";
import type { Form } from "./types.ts";

/** a·b + bias, and functions of each number of it. */
export interface Product {
  readonly a: Operand;
  readonly b: Operand;
  /** With as many dimensions as the result. */
  readonly bias?: Operand | undefined;
  readonly to: Operand;
  readonly links?: readonly ChainLink[];
  readonly factor?: number;
}

export function planProduct(planner: Planner, { a, b, bias, to, links = [], factor = 1 }: Product): void {
  const scaled: PostOp[] = factor === 1 ? [] : [{ kind: "eltwise", alg: "linear", alpha: factor, beta: 0 }];
  const curves = links.flatMap(({ step }) => (step.kind === "curves" ? step.curves : []));
  const postOps = [...scaled, ...curves.map((curve): PostOp => ({ kind: "eltwise", ...curve }))];
  const primitive = planner.once("matmul", [a.desc, b.desc, bias?.desc, to.desc, ...postOps], () =>
    planner.dnnl.matmul(a.desc, b.desc, bias?.desc, to.desc, postOps),
  );
  planner.call(primitive, { src: a, weights: b, bias, dst: to });
}

/** alpha·A·B + beta·C, where either may be transposed. */
export const planGemm: Form<"Gemm"> = (planner, node, fusions) => {
  const [a, b, c] = node.inputs as readonly Value[];
  const { alpha, beta, transA, transB } = node.attrs;
  const links = fusions.epilogues.get(node) ?? [];
  const output = links.at(-1)?.node.outputs[0] ?? node.outputs[0];
  const to = planner.result(output, planner.layouts.plain(dimsOf(output)));
  const bias = c && planner.rows(c, c.shape.length < 2 ? [1, ...dimsOf(c)] : dimsOf(c));
  planProduct(planner, {
    a: oriented(planner, a, transA === 1),
    b: oriented(planner, b, transB === 1),
    // It is added before the product is multiplied by alpha.
    bias: bias && (beta === alpha ? bias : scaled(planner, bias, beta / alpha)),
    to,
    links,
    factor: alpha,
  });
};

function oriented(planner: Planner, value: Value, transposed: boolean): Operand {
  const dims = dimsOf(value);
  if (!transposed) return planner.rows(value);
  const turned = [...dims.slice(0, -2), dims[dims.length - 1], dims[dims.length - 2]];
  return { ...planner.rows(value), desc: planner.layouts.transposed(turned) };
}

/** Products of stacks of matrices; a stack that is missing or of one is the same for all. */
export const planMatMul = (planner: Planner, node: NodeOf<"MatMul">): void => {
  const [a, b] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const rank = Math.max(2, a.shape.length, b.shape.length);
  const stacked = (value: Value, vector: (length: number) => number[]) => {
    const dims = value.shape.length === 1 ? vector(dimsOf(value)[0]) : dimsOf(value);
    return planner.rows(value, [...Array<number>(rank - dims.length).fill(1), ...dims]);
  };
  const left = stacked(a, (length) => [1, length]);
  const right = stacked(b, (length) => [length, 1]);
  const stack = left.desc.dims.slice(0, -2).map((dim, axis) => Math.max(dim, right.desc.dims[axis]));
  const dims = [...stack, left.desc.dims[rank - 2], right.desc.dims[rank - 1]];
  const result = planner.result(y, planner.layouts.plain(dimsOf(y)));
  planProduct(planner, { a: left, b: right, to: { ...result, desc: planner.layouts.plain(dims) } });
};
