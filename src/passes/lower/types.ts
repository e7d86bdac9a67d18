import type { GraphBuilder } from "../../ir/builder.ts";
import type { Node, Value } from "../../ir/graph.ts";

/**
 * Rewrites one node into ONNX (and `com.microsoft`) operators. Returns its outputs in order; null for one
 * that nobody reads.
 *
 * @param inputs the node's inputs in the new graph
 * @param used whether each output is read
 */
export type Lowering = (
  b: GraphBuilder,
  node: Node,
  inputs: readonly Value[],
  used: readonly boolean[],
) => readonly (Value | null)[];
