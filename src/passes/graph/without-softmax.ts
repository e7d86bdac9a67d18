import type { Graph, Value } from "../../ir/graph.ts";
import { removeDeadNodes } from "./remove-dead-nodes.ts";

/**
 * A classifier that outputs logits, which training needs, instead of probabilities: its last softmax is removed. Others stay as
 * they are.
 *
 * @example withoutSoftmax(readOnnx(bytes)) // gives logits
 */
export function withoutSoftmax(graph: Graph): Graph {
  const [{ name, value }, ...others] = graph.outputs;
  const logits = beforeSoftmax(value);
  return logits === value
    ? graph
    : removeDeadNodes({ ...graph, outputs: [{ name, value: logits }, ...others] });
}

function beforeSoftmax(value: Value): Value {
  const node = value.producer;
  const source = node?.inputs[0];
  if (!source) return value;
  if (node.op === "Softmax") return source;
  if (node.op !== "Identity") return value;
  const found = beforeSoftmax(source);
  return found === source ? value : found;
}
