import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Node, Value } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";

/** What a pass changes; the rest is kept. */
export interface Changes {
  /** Another value in place of an input, parameter, state or constant. */
  leaf?(value: Value): Value;
  /**
   * Other nodes in place of one; returns a value for each of its outputs (null: nobody reads it), or undefined where the node stays.
   * Runs in the node's scope.
   */
  node?(
    b: GraphBuilder,
    node: Node,
    inputs: readonly (Value | null)[],
  ): readonly (Value | null)[] | undefined;
}

/** A graph made again node by node, with changes; shapes are inferred anew. The way most passes are written. */
export function rebuild(graph: Graph, { leaf = (value) => value, node: change }: Changes): Graph {
  const b = newGraph(graph.name);
  const replaced = new Map<Value, Value>();
  const now = (value: Value): Value => {
    const fresh = replaced.get(value) ?? (value.producer ? value : leaf(value));
    replaced.set(value, fresh);
    return fresh;
  };
  b.feed(graph.inputs.map(now));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input && now(input));
    const outputs = b.within(
      node.scope,
      () => change?.(b, node, inputs) ?? b.ops(node.op, inputs, node.attrs),
    );
    for (const [i, output] of outputs.entries()) if (output) replaced.set(node.outputs[i], output);
  }
  for (const { name, value } of graph.outputs) b.output(name, now(value));
  for (const [key, text] of Object.entries(graph.metadata)) b.note(key, text);
  return b.build();
}
