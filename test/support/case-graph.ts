import type { Graph, Node } from "../../src/ir/graph.ts";
import type { Tensor } from "../../src/ir/tensor.ts";
import { newGraph } from "../../src/ops/new-graph.ts";
import { toRef } from "../../src/reference/ref-tensor.ts";
import type { RefTensor } from "../../src/reference/types.ts";
import { type OperatorCase, tensorOf } from "./operator-case.ts";

/** A graph of one node, and what to feed it. */
export interface CaseGraph {
  readonly graph: Graph;
  readonly node: Node;
  /** Content of the fed inputs, by name: `x0`, `x1`, … */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** The graph of one case: outputs `y0`, `y1`, … */
export function caseGraph(op: string, { inputs, attrs = {} }: OperatorCase): CaseGraph {
  const b = newGraph(op);
  const feeds: Record<string, Tensor> = {};
  const values = inputs.map((input, i) => {
    if (!input) return null;
    const content = tensorOf(input, i);
    if (input.constant) return b.constant(content);
    feeds[`x${i}`] = content;
    return b.input(`x${i}`, input.dtype, input.shape);
  });
  b.ops(op, values, attrs).forEach((output, i) => {
    b.output(`y${i}`, output);
  });
  const graph = b.build();
  return { graph, node: graph.nodes[0], feeds };
}

/** Feeds as the reference evaluator takes them. */
export function refFeeds(feeds: Readonly<Record<string, Tensor>>): Record<string, RefTensor> {
  return Object.fromEntries(Object.entries(feeds).map(([name, content]) => [name, toRef(content)]));
}
