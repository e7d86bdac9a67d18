import type { Graph, Node, Value } from "./graph.ts";

/** Who reads the values of a graph. */
export interface Readers {
  /** The nodes that read a value, in the graph's order; a node that reads it twice stands there twice. */
  of(value: Value): readonly Node[];
  /** The one node that reads a value which is read once, and not given out. */
  only(value: Value): Node | undefined;
}

/** @example readersOf(graph).only(conv.outputs[0])?.op // "BatchNormalization" */
export function readersOf(graph: Graph): Readers {
  const found = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (!input) continue;
      const known = found.get(input);
      if (known) known.push(node);
      else found.set(input, [node]);
    }
  }
  const given = new Set(graph.outputs.map(({ value }) => value));
  const of = (value: Value) => found.get(value) ?? [];
  return {
    of,
    only(value) {
      const [first, ...others] = of(value);
      return others.length > 0 || given.has(value) ? undefined : first;
    },
  };
}
