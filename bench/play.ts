import { SenetError } from "../src/base/errors.ts";
import { type Graph, type Node, storedValues, type Value } from "../src/ir/graph.ts";
import type { Tensor } from "../src/ir/tensor.ts";

/** How a library writes an operator. An optional input that is left out is `undefined`. */
export type Rule<T> = (node: Node, inputs: readonly T[]) => T;

export interface Player<T> {
  /** Named in messages. */
  readonly name: string;
  readonly rules: Readonly<Record<string, Rule<T>>>;
  /** The reference to give out for a value that will be read again, for libraries in which reading consumes. */
  readonly keep: (content: T) => T;
}

/**
 * Executes a network with one input in another library: the same graph with the same weights, each operator by the library's own.
 *
 * @param content of the input and of every stored value
 * @returns what the network's first output becomes
 * @throws SenetError `graph` for an operator without a rule
 */
export function play<T>(graph: Graph, player: Player<T>, content: ReadonlyMap<Value, T>): T {
  const left = new Map<Value, number>();
  const inputs = graph.nodes.flatMap((node) => node.inputs);
  for (const value of [...inputs, ...graph.outputs.map((output) => output.value)]) {
    if (value) left.set(value, (left.get(value) ?? 0) + 1);
  }
  const known = new Map(content);
  const read = (value: Value): T => {
    const times = left.get(value) ?? 1;
    left.set(value, times - 1);
    const found = known.get(value) as T;
    return times > 1 ? player.keep(found) : found;
  };
  for (const node of graph.nodes) {
    const rule = player.rules[node.op];
    if (!rule) throw new SenetError("graph", `${player.name}: no rule for the operator ${node.op}`);
    known.set(node.outputs[0], rule(node, node.inputs.map((value) => value && read(value)) as T[]));
  }
  return read(graph.outputs[0].value);
}

/** The stored values of a graph and their contents. */
export function weightsOf(graph: Graph): [value: Value, tensor: Tensor][] {
  return storedValues(graph).map((value) => [value, value.tensor as Tensor]);
}

/** Padding of an operator as [rows, columns], each [before, after]. */
export function padsOf({ attrs }: Node): [[number, number], [number, number]] {
  const [top, left, bottom, right] = attrs.pads as number[];
  return [
    [top, bottom],
    [left, right],
  ];
}
