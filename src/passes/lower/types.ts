import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import type { Composite } from "../../ops/index.ts";
import type { NodeOf } from "../../ops/predicates.ts";

/**
 * Rewrites one node into ONNX (and `com.microsoft`) operators. Returns its outputs in order; null for one
 * that nothing reads.
 *
 * @param inputs the node's inputs in the new graph
 * @param used whether each output is read
 */
export type Lowering<K extends Composite = Composite> = {
  // Declared as a method, so that the table of all can be called with any composite.
  rule(
    b: GraphBuilder,
    node: NodeOf<K>,
    inputs: readonly Value[],
    used: readonly boolean[],
  ): readonly (Value | null)[];
}["rule"];
