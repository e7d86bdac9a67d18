import { knownShape, type Node, type Value } from "../../ir/graph.ts";
import { type Dim, multiplyDims, type Shape } from "../../ir/shape.ts";
import type { OperatorName } from "../../ops/index.ts";
import { isOp, oneOf } from "../../ops/predicates.ts";
import { type ReferenceOperator, reference } from "../../reference/index.ts";
import { refTensor, toRef } from "../../reference/ref-tensor.ts";

/** What computed values hold that are made of dimensions, some of them symbols: elements in row-major order. */
export type Contents = Map<Value, readonly Dim[]>;

/** Elements of a shape, or of a few of them. */
const MAX_ITEMS = 256;
/** Characters of a product of symbols; beyond, nobody would recognize it. */
const MAX_SYMBOL = 64;

/** Operators that only move elements of their data, which is input 0 (Concat: all inputs). */
const isMover = oneOf(
  ...(["Concat", "Expand", "Flatten", "Gather", "Identity"] as const),
  ...(["Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"] as const),
);

/** The elements of a node's first output, as far as they are dimensions and arithmetic with them; undefined otherwise. */
export function contentOf(node: Node, contents: Contents): readonly Dim[] | undefined {
  const [x, y] = node.inputs;
  if (!x) return undefined;
  if (isOp(node, "Shape")) return x.shape.slice(node.attrs.start, node.attrs.end);
  if (!node.inputs.some((input) => input && contents.has(input))) return undefined;
  if (node.op === "Cast") return contents.get(x);
  if (isMover(node)) return moved(node, contents);
  const combine = arithmetic[node.op as OperatorName];
  const [left, right] = [itemsOf(x, contents), y && itemsOf(y, contents)];
  if (!combine || !left || !right) return undefined;
  const count = Math.max(left.length, right.length);
  // Only vectors and single numbers are combined here, which is all that exporters write.
  if (node.outputs[0].shape.reduce(multiplyDims, 1) !== count) return undefined;
  const result = Array.from({ length: count }, (_, i) =>
    combine(left[left.length === 1 ? 0 : i], right[right.length === 1 ? 0 : i]),
  );
  return result.every((item) => item !== undefined) ? result : undefined;
}

/**
 * The target of a `Reshape` from shape `source`, in its notation: 0 where a symbol stays in its place, −1 for one that does
 * not; undefined where there are more.
 *
 * @example reshapeTarget(["N", 200], ["N", 200, 1, 1]) // [0, 200]
 */
export function reshapeTarget(items: readonly Dim[], source: Shape): number[] | undefined {
  const target = items.map((item, axis) => {
    if (typeof item === "number") return item;
    return item === source[axis] ? 0 : -1;
  });
  return target.filter((dim) => dim === -1).length <= 1 ? target : undefined;
}

/** Runs the operator on positions instead of elements, and looks up the elements there. */
function moved({ op, inputs, attrs }: Node, contents: Contents): readonly Dim[] | undefined {
  const pool: Dim[] = [];
  const operands = inputs.map((input, i) => {
    if (!input) return null;
    if (i > 0 && op !== "Concat") return input.tensor ? toRef(input.tensor) : undefined;
    const items = itemsOf(input, contents);
    if (!items) return undefined;
    const start = pool.push(...items) - items.length;
    return refTensor(
      knownShape(input),
      items.map((_, j) => start + j),
    );
  });
  if (!operands.every((operand) => operand !== undefined)) return undefined;
  const [result] = reference[op as ReferenceOperator](operands, attrs);
  return result.data.length > MAX_ITEMS ? undefined : Array.from(result.data, (i) => pool[i]);
}

function itemsOf(value: Value, contents: Contents): readonly Dim[] | undefined {
  const known = contents.get(value);
  if (known) return known;
  const { tensor, role } = value;
  if (!tensor || role !== "constant" || tensor.dtype === "float16" || tensor.data.length > MAX_ITEMS) {
    return undefined;
  }
  return Array.from(tensor.data, Number);
}

/** What can be said of a symbol without knowing it. */
const arithmetic: Readonly<Partial<Record<OperatorName, (a: Dim, b: Dim) => Dim | undefined>>> = {
  Add(a, b) {
    if (a === 0) return b;
    if (b === 0) return a;
    return typeof a === "number" && typeof b === "number" ? a + b : undefined;
  },
  Sub(a, b) {
    if (a === b) return 0;
    if (b === 0) return a;
    return typeof a === "number" && typeof b === "number" ? a - b : undefined;
  },
  Mul(a, b) {
    const product = multiplyDims(a, b);
    return `${product}`.length > MAX_SYMBOL ? undefined : product;
  },
  Div(a, b) {
    if (a === b) return 1;
    if (b === 1) return a;
    return typeof a === "number" && typeof b === "number" && b !== 0 ? Math.trunc(a / b) : undefined;
  },
};
