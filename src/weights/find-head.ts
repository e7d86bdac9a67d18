import type { Graph, Node, Value } from "../ir/graph.ts";
import { isLayer } from "../ops/predicates.ts";

/** The layer that turns features into one number per class. */
export interface Head {
  readonly weight: Value;
  /** None where the layer has none. */
  readonly bias?: Value;
  /** Axis of the weight that counts the classes. */
  readonly classAxis: number;
}

/**
 * The last fully connected layer or convolution before a graph's first output, by structure, not by name.
 *
 * @returns nothing where a path from the output backwards meets no such layer with a parameter
 * @example findHead(createModel("seresnet50"))?.weight.name // "fc.weight"
 */
export function findHead({ outputs }: Graph): Head | undefined {
  const waiting = outputs.slice(0, 1).map(({ value }) => value);
  const seen = new Set<Value>();
  let bias: Value | undefined;
  for (const value of waiting) {
    const node = value.producer;
    if (!node || seen.has(value)) continue;
    seen.add(value);
    if (isLayer(node)) {
      const head = headOf(node, bias);
      if (head) return head;
    }
    bias ??= node.op === "Add" ? (node.inputs.find(isParameter) ?? undefined) : undefined;
    for (const input of node.inputs) if (input) waiting.push(input);
  }
  return undefined;
}

function headOf({ op, inputs, attrs }: Node, added: Value | undefined): Head | undefined {
  const weight = inputs[1];
  if (!isParameter(weight)) return undefined;
  const bias = inputs[2] ?? added;
  const isTransposed = op === "Conv" || attrs.transB === 1;
  return { weight, ...(bias && isParameter(bias) && { bias }), classAxis: isTransposed ? 0 : 1 };
}

function isParameter(value: Value | null | undefined): value is Value {
  return value?.role === "parameter";
}
