import { isFlowing, type Node, type Value } from "../ir/graph.ts";
import type { Kind } from "../ir/operator.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { isElementWise } from "../ops/predicates.ts";

/**
 * What a node does: what its operator does, but that arithmetic with a constant (residual scaling, a bias of its own) is `other`,
 * and the product in SiLU and HardSwish, x·σ(x), belongs to the activation.
 */
export function kindOf(node: Node): Kind {
  const { kind } = operatorTable[node.op];
  if (kind !== "scale" && kind !== "sum") return kind;
  if (node.inputs.filter(isFlowing).length < 2) return "other";
  return kind === "scale" && isSelfGate(node) ? "activation" : kind;
}

/** Steps from x to f(x); HardSwish written out has two. */
const LONGEST_SELF_GATE = 8;

/** x·f(x), f element by element and with constants only, such as x·sigmoid(x) or x·clip(x + 3, 0, 6). */
function isSelfGate({ inputs: [x, y] }: Node): boolean {
  return isFunctionOf(x, y) || isFunctionOf(y, x);
}

function isFunctionOf(value: Value | null, source: Value | null): boolean {
  let from = value;
  for (let steps = 0; from && from !== source && steps < LONGEST_SELF_GATE; steps++) {
    const { producer }: Value = from;
    if (!producer || !isElementWise(producer)) return false;
    const [input, ...others] = producer.inputs.filter(isFlowing);
    if (others.length > 0) return false;
    from = input ?? null;
  }
  return from === source && value !== source;
}
