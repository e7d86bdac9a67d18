import type { Node, Value } from "../../ir/graph.ts";

/** Activations of one node. */
const ACTIVATIONS: ReadonlySet<string> = new Set([
  ...["Clip", "Elu", "HardSigmoid", "HardSwish", "LeakyRelu", "PRelu"],
  ...["Relu", "Selu", "Sigmoid", "Tanh"],
]);
/** Of activations x·σ(x), as exporters write SiLU and HardSwish, what σ may be. */
const SIGMOIDS: ReadonlySet<string> = new Set(["Sigmoid", "HardSigmoid"]);

/** The node that gives the activation of a map, where an activation is all that reads the map. */
export function activationAfter(
  value: Value,
  consumers: ReadonlyMap<Value, readonly Node[]>,
): Node | undefined {
  const readers = consumers.get(value) ?? [];
  const [first] = readers;
  if (readers.length === 1) return ACTIVATIONS.has(first.op) ? first : undefined;
  const sigmoid = readers.find(({ op }) => SIGMOIDS.has(op));
  const product = readers.find(({ op }) => op === "Mul");
  const isProduct = readers.length === 2 && sigmoid && product?.inputs.includes(sigmoid.outputs[0]);
  return isProduct ? product : undefined;
}
