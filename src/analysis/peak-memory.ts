import type { Graph, Value } from "../ir/graph.ts";
import { isView } from "../ops/predicates.ts";
import { byteLength } from "./node-cost.ts";

/**
 * Bytes of the tensors that are alive at once, where that is most, when the nodes run in their order: a tensor lives from the node
 * that writes it to the last that reads it, what is fed from the start to its last use, outputs to the end. Weights are
 * not counted, views share their source's memory, and no output takes the place of an input (engines do so for ReLU and sums, and
 * then need less).
 *
 * @param graph all of whose dimensions are known
 */
export function peakActivationBytes(graph: Graph): number {
  const sourceOf = viewedSources(graph);
  const lastUse = new Map<Value, number>();
  graph.nodes.forEach((node, i) => {
    for (const value of [...node.inputs, ...node.outputs]) if (value) lastUse.set(sourceOf(value), i);
  });
  for (const { value } of graph.outputs) lastUse.set(sourceOf(value), graph.nodes.length);

  const ending = new Map<number, number>();
  let alive = 0;
  const start = (value: Value, what: string) => {
    const bytes = byteLength(value, what);
    const end = lastUse.get(value);
    if (end === undefined) return; // a view, or fed but never read
    alive += bytes;
    ending.set(end, (ending.get(end) ?? 0) + bytes);
  };
  for (const value of graph.inputs) if (value.role === "input") start(value, value.name ?? "input");
  let peak = alive;
  graph.nodes.forEach((node, i) => {
    for (const value of node.outputs) start(value, node.op);
    peak = Math.max(peak, alive);
    alive -= ending.get(i) ?? 0;
  });
  return peak;
}

/** From a value to the one whose memory it shares. */
function viewedSources(graph: Graph): (value: Value) => Value {
  const sources = new Map<Value, Value>();
  const sourceOf = (value: Value) => sources.get(value) ?? value;
  for (const node of graph.nodes) {
    const [viewed] = node.inputs;
    if (!isView(node) || !viewed) continue;
    for (const output of node.outputs) sources.set(output, sourceOf(viewed));
  }
  return sourceOf;
}
