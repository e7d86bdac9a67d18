import type { Node, Value } from "../../ir/graph.ts";
import type { Uses } from "../../ir/uses.ts";
import { operatorTable } from "../../ops/new-graph.ts";
import { isElementWise, isSigmoid } from "../../ops/predicates.ts";

/** The activation of a map, if it is the only reader of the map. */
export function activationAfter(value: Value, uses: Uses): Node | undefined {
  const readers = uses.readersOf(value);
  const [first] = readers;
  if (readers.length === 1) return isActivation(first) ? first : undefined;
  const sigmoid = readers.find(isSigmoid);
  const product = readers.find(({ op }) => op === "Mul");
  const isProduct = readers.length === 2 && sigmoid && product?.inputs.includes(sigmoid.outputs[0]);
  return isProduct ? product : undefined;
}

function isActivation(node: Node): boolean {
  return operatorTable[node.op].kind === "activation" && isElementWise(node);
}
