import type { Value } from "../../ir/graph.ts";
import type { Desc, PostOp, PrimitiveDesc } from "../binding/dnnl.ts";
import { ifThere } from "../binding/dnnl-error.ts";
import type { ChainLink } from "./fusions.ts";
import type { Layout } from "./layouts.ts";
import { noForm } from "./no-form.ts";
import { beside, isWhole, repeated } from "./operands.ts";
import { type Args, dimsOf, isMap, isPooled, type Planner } from "./planner.ts";
import { type Turn, type Turns, turnsOf } from "./turns.ts";

/** A primitive with its arguments but the result, and the turns that it takes. */
interface Draft {
  readonly primitive: PrimitiveDesc;
  readonly args: Args;
  readonly count: number;
}

/** How the result of a chain lies. */
interface Target {
  readonly desc: Desc;
  readonly layout: Layout;
}

/**
 * Plans a chain of element-wise nodes as few primitives: the first computes its node, the others are appended to it as far as oneDNN has
 * a quick kernel for them. The result lies as the first whole map that is read.
 */
export function planChain(planner: Planner, links: readonly ChainLink[]): void {
  const { node } = links[links.length - 1];
  const [result] = node.outputs;
  planner.at(node);
  const layout = chainLayout(planner, links, result);
  const target = { layout, desc: planner.layouts.desc(flatDims(result), layout) };
  let { operand, turns } = turnsOf(planner, links, target.desc);
  while (turns.length > 0) {
    const { primitive, args, count } = longest(planner, { operand, turns }, target);
    turns = turns.slice(count);
    const to = turns.length === 0 ? planner.result(result, target.desc) : planner.temporary(target.desc);
    planner.call(primitive, { ...args, dst: to }, { reuses: "all" });
    operand = to;
  }
  if (isMap(result) || result.shape.length < 4) planner.give(result, operand);
  else planner.give(result, { ...operand, desc: planner.layouts.plain(dimsOf(result)) });
}

/** Vectors [N,C,1,1] as [N,C]: oneDNN 2.6 repeats what is appended along the wrong axis of the former. */
function flatDims(value: Value): readonly number[] {
  const dims = dimsOf(value);
  return isPooled(value) ? dims.slice(0, 2) : dims;
}

/** That of the first input that is as large as the result. */
function chainLayout(planner: Planner, links: readonly ChainLink[], result: Value): Layout {
  if (!isMap(result)) return "plain";
  const wanted = String(result.shape);
  const within = new Set(links.flatMap(({ node }) => node.outputs));
  for (const input of links.flatMap(({ node }) => node.inputs)) {
    if (input === null || within.has(input) || String(input.shape) !== wanted) continue;
    const layout = planner.layoutOf(input);
    if (layout !== "own") return layout;
  }
  return "blocked";
}

/** The primitive that takes the most turns at once. */
function longest(planner: Planner, { operand, turns }: Turns, target: Target): Draft {
  for (let count = turns.length; count > 0; count--) {
    const draft = drafted(planner, { operand, turns: turns.slice(0, count) }, target);
    if (draft && !draft.primitive.kernel.startsWith("ref")) return draft;
    if (draft && count === 1) return unlessSlow(planner, draft, turns[0], target);
  }
  throw tooSlow(target);
}

/** A primitive whose kernel is slow for so much: its second input is repeated until it is a whole map. */
function unlessSlow(planner: Planner, draft: Draft, turn: Turn, target: Target): Draft {
  const { desc } = target;
  if (!planner.isSlow(draft.primitive, desc.dims)) return draft;
  if (turn.kind === "curve" || typeof turn.other === "number" || isWhole(turn.other, desc)) {
    throw tooSlow(target);
  }
  const { alg, other } = turn;
  const primitive = planner.once("binary", [alg, desc, desc], () =>
    planner.dnnl.binary(alg, desc, desc, desc),
  );
  return { ...draft, primitive, args: { ...draft.args, src1: repeated(planner, other, desc) } };
}

function tooSlow({ desc }: Target) {
  return noForm("An element-wise operation", `its kernel for [${desc.dims.join(", ")}] is a slow one`);
}

/** One primitive for all turns, if oneDNN has it. */
function drafted(planner: Planner, { operand, turns }: Turns, { desc, layout }: Target): Draft | undefined {
  const [first, ...rest] = turns;
  if (repeats(rest)) return undefined;
  const { dnnl } = planner;
  const others = turns.map((turn) =>
    turn.kind === "pair" ? beside(planner, turn.other, desc, layout) : undefined,
  );
  const postOps = rest.map((turn, i): PostOp => {
    if (turn.kind === "curve") return { kind: "eltwise", ...turn.curve };
    return { kind: "binary", alg: turn.alg, other: others[i + 1]?.desc ?? desc };
  });
  const key = postOps.flatMap((post): unknown[] =>
    post.kind === "binary" ? [post.alg, post.other] : [post],
  );
  const primitive = ifThere(() => {
    if (first.kind === "curve") {
      const { alg, alpha, beta } = first.curve;
      return planner.once("eltwise", [alg, alpha, beta, desc, ...key], () =>
        dnnl.eltwise(alg, desc, alpha, beta, postOps),
      );
    }
    const other = others[0]?.desc ?? desc;
    return planner.once("binary", [first.alg, desc, other, ...key], () =>
      dnnl.binary(first.alg, desc, other, desc, postOps),
    );
  });
  if (primitive === undefined) return undefined;
  const appended = others.slice(1).flatMap((other, i) => (other ? [[`post${i}`, other]] : []));
  return {
    primitive,
    args: { ...Object.fromEntries(appended), src: operand, src1: others[0] },
    count: turns.length,
  };
}

/** Whether a function stands twice among what is appended: oneDNN 2.6 would use the constants of one for both. */
function repeats(turns: readonly Turn[]): boolean {
  const names = turns.flatMap((turn) => (turn.kind === "curve" ? [turn.curve.alg] : []));
  return new Set(names).size < names.length;
}
