import { SenetError } from "../../base/errors.ts";
import type { Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Binary, Desc, PostOp, PrimitiveDesc } from "../binding/dnnl.ts";
import type { ChainLink } from "./fusions.ts";
import type { Layout } from "./layouts.ts";
import { type Args, dimsOf, isMap, type Planner } from "./planner.ts";
import type { Operand } from "./program.ts";
import type { Curve } from "./steps.ts";

/** A primitive with its arguments but the result. */
interface Draft {
  readonly primitive: PrimitiveDesc;
  readonly args: Args;
}

/** A second input: a value, or a number. */
type Other = Value | number;

/** What a step needs beside the number that it goes on with. */
type Turn =
  | { readonly kind: "curve"; readonly curve: Curve }
  | { readonly kind: "pair"; readonly alg: Binary; readonly other: Other };

/** A first primitive and what can be appended to it. */
interface Start {
  readonly operand: Operand;
  readonly pair?: { readonly alg: Binary; readonly other: Other } | undefined;
  readonly turns: readonly Turn[];
}

/**
 * Plans a chain of element-wise nodes as few primitives: the first computes its node, the others are appended to it as far as oneDNN has
 * a quick kernel for them. The result lies as the first whole map that is read.
 */
export function planChain(planner: Planner, links: readonly ChainLink[]): void {
  const last = links[links.length - 1].node.outputs[0];
  planner.at(links[links.length - 1].node);
  const dims = dimsOf(last);
  const layout = chainLayout(planner, links, last);
  const desc = planner.layouts.desc(dims, layout);
  let { operand, pair, turns } = begin(planner, links, desc);
  while (true) {
    const { draft, count } = longest(planner, { operand, pair, turns }, desc, layout);
    const rest = turns.slice(count);
    const to = rest.length === 0 ? planner.result(last, desc) : planner.temporary(desc);
    if (draft) planner.call(draft.primitive, { ...draft.args, dst: to }, { reuses: "all" });
    if (!draft) planner.give(last, operand);
    if (rest.length === 0) return;
    operand = to;
    const [next, ...others] = rest;
    pair = next.kind === "pair" ? next : undefined;
    turns = next.kind === "pair" ? others : rest;
  }
}

/** That of the first input that is as large as the result. */
function chainLayout(planner: Planner, links: readonly ChainLink[], result: Value): Layout {
  if (!isMap(result)) return "plain";
  const wanted = String(result.shape);
  for (const { node } of links) {
    for (const input of node.inputs) {
      if (input === null || String(input.shape) !== wanted) continue;
      if (links.some((link) => link.node.outputs[0] === input)) continue;
      const layout = planner.layoutOf(input);
      if (layout !== "own") return layout;
    }
  }
  return "blocked";
}

/** The chain as a start and turns, whichever side of its steps each result is on. */
function begin(planner: Planner, links: readonly ChainLink[], desc: Desc): Start {
  const turns: Turn[] = [];
  let start: Omit<Start, "turns"> | undefined;
  let value: Value | undefined;
  for (const { node, step } of links) {
    if (step.kind === "curves") {
      start ??= { operand: whole(planner, step.of, desc) };
      turns.push(...step.curves.map((curve): Turn => ({ kind: "curve", curve })));
    } else {
      const { alg, left, right } = step;
      const isTurned =
        value === undefined
          ? !isWhole(left, desc) && isWhole(right, desc)
          : right === value && left !== value;
      const [of, other] = isTurned ? [right, left] : [left, right];
      const turned = isTurned ? turnedAround(planner, alg, of, other, desc) : { alg, other };
      if ("operand" in turned) {
        start = { operand: turned.operand, pair: { alg: "mul", other } };
      } else if (start === undefined) {
        start = { operand: whole(planner, of, desc), pair: { alg: turned.alg, other } };
      } else {
        turns.push({ kind: "pair", alg: turned.alg, other });
      }
      if (isTurned && alg === "sub")
        turns.push({ kind: "curve", curve: { alg: "linear", alpha: -1, beta: 0 } });
    }
    value = node.outputs[0];
  }
  if (start === undefined) throw new SenetError("graph", "A chain without nodes cannot be planned.");
  const [first, second] = merged(turns);
  if (!start.pair && first?.kind === "pair") return { ...start, pair: first, turns: merged(turns).slice(1) };
  const scales = first?.kind === "curve" && first.curve.alg === "linear" && first.curve.beta === 0;
  if (start.pair || !scales || second?.kind !== "pair") return { ...start, turns: merged(turns) };
  // A product, other than a function of one number, takes others with it.
  return { ...start, pair: { alg: "mul", other: first.curve.alpha }, turns: merged(turns).slice(1) };
}

/** One linear function for two in a row. */
function merged(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  for (const turn of turns) {
    const before = result.at(-1);
    if (
      turn.kind === "curve" &&
      before?.kind === "curve" &&
      turn.curve.alg === before.curve.alg &&
      turn.curve.alg === "linear"
    ) {
      const { alpha, beta } = turn.curve;
      const curve = {
        alg: turn.curve.alg,
        alpha: alpha * before.curve.alpha,
        beta: alpha * before.curve.beta + beta,
      };
      result[result.length - 1] = { kind: "curve", curve };
    } else {
      result.push(turn);
    }
  }
  return result;
}

/** Whether a function stands twice among what is appended: oneDNN 2.6 would use the constants of one for both. */
function repeats(turns: readonly Turn[]): boolean {
  const names = turns.flatMap((turn) => (turn.kind === "curve" ? [turn.curve.alg] : []));
  return new Set(names).size < names.length;
}

const mirrored: Readonly<Partial<Record<Binary, Binary>>> = { ge: "le", gt: "lt", le: "ge", lt: "gt" };

/** other ∘ of as of ∘′ other; a difference needs its sign changed afterwards, a quotient the inverse before. */
function turnedAround(
  planner: Planner,
  alg: Binary,
  of: Value,
  other: Value,
  desc: Desc,
): { alg: Binary; other: Value } | { operand: Operand } {
  if (alg !== "div") return { alg: mirrored[alg] ?? alg, other };
  const operand = whole(planner, of, desc);
  const inverse = planner.temporary(desc);
  const primitive = planner.once("eltwise", ["pow", desc, 1, -1], () =>
    planner.dnnl.eltwise("pow", desc, 1, -1),
  );
  planner.call(primitive, { src: operand, dst: inverse });
  return { operand: inverse };
}

function isWhole(other: Other, { dims }: Desc): boolean {
  return typeof other === "object" && sizeOf(dimsOf(other)) === sizeOf(dims);
}

/** An input of the result's sizes; a smaller one is repeated. */
function whole(planner: Planner, value: Value, desc: Desc): Operand {
  if (!isWhole(value, desc)) return repeated(planner, value, desc);
  if (String(dimsOf(value)) === String(desc.dims)) return planner.read(value, desc);
  return { ...planner.rows(value, desc.dims), desc: planner.layouts.plain(desc.dims) };
}

/** The most turns that a primitive can take with it at once; no draft for a chain that does nothing. */
function longest(
  planner: Planner,
  { operand, pair, turns }: Start,
  desc: Desc,
  layout: Layout,
): { draft: Draft | undefined; count: number } {
  if (pair === undefined && turns.length === 0) return { draft: undefined, count: 0 };
  const least = pair === undefined ? 1 : 0;
  for (let count = turns.length; count >= least; count--) {
    const draft = drafted(planner, operand, pair, turns.slice(0, count), desc, layout);
    const isQuick = draft && !draft.primitive.kernel.startsWith("ref");
    if (isQuick) return { draft, count };
    if (draft && count === least) return { draft: checked(planner, draft, operand, pair, desc), count };
  }
  throw missing(planner, desc);
}

/** A first primitive alone that is slow gets its second input as a whole map. */
function checked(planner: Planner, draft: Draft, operand: Operand, pair: Start["pair"], desc: Desc): Draft {
  if (!planner.isSlow(draft.primitive, desc.dims)) return draft;
  if (pair === undefined || typeof pair.other === "number" || isWhole(pair.other, desc)) {
    throw missing(planner, desc);
  }
  const other = repeated(planner, pair.other, desc);
  const primitive = planner.once("binary", [pair.alg, desc, desc], () =>
    planner.dnnl.binary(pair.alg, desc, desc, desc),
  );
  return { primitive, args: { src: operand, src1: other } };
}

function missing(_planner: Planner, { dims }: Desc): SenetError {
  return new SenetError(
    "engine",
    `oneDNN has no quick kernel for an element-wise operation on [${dims.join(", ")}]; train on the other engine (\`engine\` "onnxruntime").`,
  );
}

function drafted(
  planner: Planner,
  operand: Operand,
  pair: Start["pair"],
  turns: readonly Turn[],
  desc: Desc,
  layout: Layout,
): Draft | undefined {
  const { dnnl } = planner;
  const [first, ...rest] = turns;
  const appended = pair === undefined ? rest : turns;
  if (repeats(appended)) return undefined;
  const others = appended.map((turn) =>
    turn.kind === "pair" ? beside(planner, turn.other, desc, layout) : undefined,
  );
  const postOps = appended.map((turn, i): PostOp => {
    if (turn.kind === "curve") return { kind: "eltwise", ...turn.curve };
    return { kind: "binary", alg: turn.alg, other: (others[i] as Operand).desc };
  });
  const args: Args = Object.fromEntries(others.flatMap((other, i) => (other ? [[`post${i}`, other]] : [])));
  const key = postOps.flatMap((post): unknown[] =>
    post.kind === "binary" ? [post.alg, post.other] : [post],
  );
  try {
    if (pair) {
      const other = beside(planner, pair.other, desc, layout);
      const primitive = planner.once("binary", [pair.alg, desc, other.desc, ...key], () =>
        dnnl.binary(pair.alg, desc, other.desc, desc, postOps),
      );
      return { primitive, args: { ...args, src: operand, src1: other } };
    }
    if (first.kind !== "curve") return undefined;
    const { alg, alpha, beta } = first.curve;
    const primitive = planner.once("eltwise", [alg, alpha, beta, desc, ...key], () =>
      dnnl.eltwise(alg, desc, alpha, beta, postOps),
    );
    return { primitive, args: { ...args, src: operand } };
  } catch {
    return undefined;
  }
}

/** A second input: as large as the result, or repeated along axes by the primitive. */
function beside(planner: Planner, value: Other, desc: Desc, layout: Layout): Operand {
  return planner.remembered(value, desc, () => besideOf(planner, value, desc, layout));
}

function besideOf(planner: Planner, value: Other, desc: Desc, layout: Layout): Operand {
  if (typeof value === "number") {
    const ones = desc.dims.map(() => 1);
    return { ...planner.constant(ones, value), desc: planner.layouts.repeating(ones, layout) };
  }
  if (isWhole(value, desc)) return whole(planner, value, desc);
  const dims = dimsOf(value);
  const padded = [...desc.dims.slice(dims.length).map(() => 1), ...dims];
  if (padded.length !== 4) return planner.rows(value, padded);
  if (sizeOf(padded) === padded[0] && padded[0] > 1) return perImage(planner, value, desc, layout);
  const wanted = planner.layouts.repeating(padded, layout);
  const rows = planner.rows(value, padded);
  // One number may be read as a block of which the first is used.
  if (sizeOf(padded) === 1) return { ...rows, desc: wanted };
  if (padded.length === dims.length) return planner.read(value, wanted);
  return planner.layouts.same(rows.desc, wanted)
    ? { ...rows, desc: wanted }
    : planner.reordered(rows, wanted);
}

/** [N,1,1,1] for every channel: a column times a row of ones. oneDNN repeats [N,C,1,1] quickly, and this not. */
function perImage(planner: Planner, value: Value, { dims }: Desc, layout: Layout): Operand {
  const [n, channels] = dims;
  const to = timesOnes(planner, planner.rows(value, [n, 1]), channels);
  const vectors = { ...to, desc: planner.layouts.plain([n, channels, 1, 1]) };
  const wanted = planner.layouts.repeating(vectors.desc.dims, layout);
  return planner.layouts.same(vectors.desc, wanted)
    ? { ...vectors, desc: wanted }
    : planner.reordered(vectors, wanted);
}

/** Every number of a column, repeated along a row. */
function timesOnes(planner: Planner, column: Operand, length: number): Operand {
  const ones = planner.constant([1, length], 1);
  const matrix = planner.layouts.plain([column.desc.dims[0], length]);
  const primitive = planner.once("matmul", [column.desc, ones.desc, matrix], () =>
    planner.dnnl.matmul(column.desc, ones.desc, undefined, matrix),
  );
  const to = planner.temporary(matrix);
  planner.call(primitive, { src: column, weights: ones, dst: to });
  return to;
}

/** A value repeated until it has the result's sizes. */
export function repeated(planner: Planner, value: Value, desc: Desc): Operand {
  const dims = dimsOf(value);
  const padded = [...desc.dims.slice(dims.length).map(() => 1), ...dims];
  const rows = planner.rows(value, padded);
  if (desc.dims.length === 4 && padded[1] === 1 && padded[2] * padded[3] > 1) {
    return overChannels(planner, rows, desc);
  }
  const zeros = planner.constant(desc.dims, 0);
  const plain = planner.layouts.plain(desc.dims);
  const primitive = planner.once("binary", ["add", plain, rows.desc], () =>
    planner.dnnl.binary("add", plain, rows.desc, plain),
  );
  if (planner.isSlow(primitive, desc.dims)) throw missing(planner, desc);
  const to = planner.temporary(plain);
  planner.call(primitive, { src: zeros, src1: rows, dst: to });
  return planner.layouts.same(plain, desc) ? { ...to, desc } : planner.reordered(to, desc);
}

/** [N,1,H,W] for every channel: the product of pixels and ones, which lies pixel by pixel. */
function overChannels(planner: Planner, rows: Operand, desc: Desc): Operand {
  const { layouts } = planner;
  const pixels = sizeOf(rows.desc.dims);
  const to = timesOnes(planner, { ...rows, desc: layouts.plain([pixels, 1]) }, desc.dims[1]);
  const map = { ...to, desc: layouts.desc(desc.dims, "channelsLast") };
  return layouts.same(map.desc, desc) ? { ...map, desc } : planner.reordered(map, desc);
}
