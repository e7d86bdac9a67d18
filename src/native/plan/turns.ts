import { SenetError } from "../../base/errors.ts";
import type { Value } from "../../ir/graph.ts";
import type { Binary, Desc } from "../binding/dnnl.ts";
import type { ChainLink } from "./fusions.ts";
import { isWhole, type Other, whole } from "./operands.ts";
import type { Planner } from "./planner.ts";
import type { Operand } from "./program.ts";
import type { Curve } from "./steps.ts";

/** What happens next to each number: a function of it, or of it and another. */
export type Turn =
  | { readonly kind: "curve"; readonly curve: Curve }
  | { readonly kind: "pair"; readonly alg: Binary; readonly other: Other };

/** A tensor, and what happens to each of its numbers one after the other. */
export interface Turns {
  readonly operand: Operand;
  readonly turns: readonly Turn[];
}

const NEGATED: Turn = { kind: "curve", curve: { alg: "linear", alpha: -1, beta: 0 } };
const INVERTED: Turn = { kind: "curve", curve: { alg: "pow", alpha: 1, beta: -1 } };

/** A chain as a tensor and turns, whichever side of its pairs each result stands on. */
export function turnsOf(planner: Planner, links: readonly ChainLink[], desc: Desc): Turns {
  let operand: Operand | undefined;
  let value: Value | undefined;
  const turns: Turn[] = [];
  for (const { node, step } of links) {
    if (step.kind === "curves") {
      operand ??= whole(planner, step.of, desc);
      turns.push(...step.curves.map((curve): Turn => ({ kind: "curve", curve })));
    } else {
      const { alg, left, right } = step;
      const isTurned = value === undefined ? !isWhole(left, desc) && isWhole(right, desc) : left !== value;
      operand ??= whole(planner, isTurned ? right : left, desc);
      turns.push(...(isTurned ? turnedAround(alg, left) : [{ kind: "pair", alg, other: right } as const]));
    }
    [value] = node.outputs;
  }
  if (operand === undefined) throw new SenetError("graph", "A chain of no nodes cannot be planned.");
  return { operand, turns: beginningWithPair(merged(turns)) };
}

const mirrored: Readonly<Partial<Record<Binary, Binary>>> = { ge: "le", gt: "lt", le: "ge", lt: "gt" };

/** other ∘ x as turns of x. */
function turnedAround(alg: Binary, other: Value): Turn[] {
  if (alg === "sub") return [{ kind: "pair", alg, other }, NEGATED];
  if (alg === "div") return [INVERTED, { kind: "pair", alg: "mul", other }];
  return [{ kind: "pair", alg: mirrored[alg] ?? alg, other }];
}

/** One linear function for two in a row. */
function merged(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  for (const turn of turns) {
    const before = result.at(-1);
    if (isLinear(before) && isLinear(turn)) {
      const [first, second] = [before.curve, turn.curve];
      const beta = second.alpha * first.beta + second.beta;
      const curve: Curve = { alg: "linear", alpha: first.alpha * second.alpha, beta };
      result[result.length - 1] = { kind: "curve", curve };
    } else {
      result.push(turn);
    }
  }
  return result;
}

function isLinear(turn: Turn | undefined): turn is Extract<Turn, { kind: "curve" }> {
  return turn?.kind === "curve" && turn.curve.alg === "linear";
}

/** A factor in front of a pair becomes a pair itself: a primitive of two tensors takes others with it, a function of one does not. */
function beginningWithPair(turns: readonly Turn[]): readonly Turn[] {
  const [first, second] = turns;
  if (!isLinear(first) || first.curve.beta !== 0 || second?.kind !== "pair") return turns;
  return [{ kind: "pair", alg: "mul", other: first.curve.alpha }, ...turns.slice(1)];
}
