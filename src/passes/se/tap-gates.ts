import type { Graph } from "../../ir/graph.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import type { SEBlock } from "./match-se.ts";

/**
 * The graph with the gates of some of its SE blocks as its only outputs, `se_gate_0`, `se_gate_1`, … in the order of the blocks:
 * [N,C,1,1], or of the map's size in variants with more than one gate per channel.
 *
 * @example tapGates(graph, matchSE(graph)).outputs.length
 */
export function tapGates(graph: Graph, blocks: readonly SEBlock[]): Graph {
  const outputs = blocks.map(({ gate }, i) => ({ name: `se_gate_${i}`, value: gate }));
  return removeDeadNodes({ ...graph, outputs });
}
