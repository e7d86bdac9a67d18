import type { Graph, Node, Value } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** A parameter, state or constant with its content. */
export type StoredValue = Value & { readonly tensor: Tensor };

/** Who reads the values of a graph, and where each comes from: from the graph itself, or from outside at every run. */
export interface Uses {
  /** The nodes that read a value, in the graph's order; a node that reads it twice stands there twice. */
  readersOf(value: Value): readonly Node[];
  /** The one node that reads a value which is read once and is no output of the graph. */
  onlyReader(value: Value): Node | undefined;
  isOutput(value: Value): boolean;
  /** Whether a value's content is part of the graph: one that is listed among the inputs is replaced at every run. */
  isStored(value: Value | null | undefined): value is StoredValue;
}

/** @example usesOf(graph).onlyReader(conv.outputs[0])?.op // "BatchNormalization" */
export function usesOf({ inputs, nodes, outputs }: Graph): Uses {
  const readers = new Map<Value, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (!input) continue;
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  }
  const given = new Set(outputs.map(({ value }) => value));
  const fed = new Set(inputs);
  const readersOf = (value: Value) => readers.get(value) ?? [];
  return {
    readersOf,
    onlyReader(value) {
      const [first, ...others] = readersOf(value);
      return others.length > 0 || given.has(value) ? undefined : first;
    },
    isOutput: (value) => given.has(value),
    isStored: (value): value is StoredValue => value?.tensor !== undefined && !fed.has(value),
  };
}
