import { SenetError } from "../base/errors.ts";
import { describe, type Graph, storedValues, type Value } from "../ir/graph.ts";

/** A graph output that needs a separate node, because its value already has another name. */
export interface Copy {
  readonly output: string;
  readonly source: Value;
}

/** The names a graph gets in a file. */
export interface GraphNames {
  readonly values: ReadonlyMap<Value, string>;
  /** One name a node, in the order of the graph's nodes. */
  readonly nodes: readonly string[];
  readonly copies: readonly Copy[];
}

/** Name of the Identity node of a `Copy`; the reader removes nodes of that name. */
export function copyNodeName(output: string): string {
  return `output(${output})`;
}

/** Whether a stored value's name was invented here rather than given by its author. */
export function isGeneratedName(name: string): boolean {
  return /^constant_\d+$/.test(name);
}

/**
 * Names every value and node: outputs and named values keep their names, a computed value that is an output
 * takes the output's name, constants become `constant_1`, …, and the rest is named after the node that
 * computes it, `layer1.0.conv1/Conv` (further outputs `layer1.0.conv1/Split:1`, repetitions `_2`, …).
 *
 * @throws SenetError `graph` when two values would have the same name.
 */
export function nameGraph(graph: Graph): GraphNames {
  const values = new Map<Value, string>();
  const taken = new Map<string, Value | undefined>(graph.outputs.map(({ name }) => [name, undefined]));
  const unique = uniqueNames(taken);

  const stored = storedValues(graph);
  for (const value of new Set([...graph.inputs, ...stored])) {
    if (value.name === undefined) continue;
    checkFree(graph, value.name, value, taken);
    taken.set(value.name, value);
    values.set(value, value.name);
  }
  let constants = 0;
  for (const value of stored) {
    if (!values.has(value)) values.set(value, unique(`constant_${++constants}`));
  }

  const copies: Copy[] = [];
  for (const { name, value } of graph.outputs) {
    if (!values.has(value)) values.set(value, name);
    else if (values.get(value) !== name) copies.push({ output: name, source: value });
  }

  const uniqueNode = uniqueNames(new Map());
  const nodes = graph.nodes.map((node) => {
    const nodeName = uniqueNode(node.scope ? `${node.scope}/${node.op}` : node.op);
    for (const [i, output] of node.outputs.entries()) {
      if (!values.has(output)) values.set(output, unique(output.name ?? (i ? `${nodeName}:${i}` : nodeName)));
    }
    return nodeName;
  });
  return { values, nodes, copies };
}

function checkFree(
  graph: Graph,
  name: string,
  value: Value,
  taken: ReadonlyMap<string, Value | undefined>,
): void {
  const fail = (what: string): never => {
    throw new SenetError("graph", `Graph ${graph.name}: ${what}; rename one.`);
  };
  if (taken.get(name)) fail(`two values are named "${name}"`);
  const output = graph.outputs.find((output) => output.name === name);
  if (output && output.value !== value) {
    fail(`"${name}" is the name of a stored or fed value and of an output (${describe(output.value)})`);
  }
}

/** A function that returns the name it is asked for, with `_2`, `_3`, … where that is taken. */
function uniqueNames(taken: Map<string, Value | undefined>): (wanted: string) => string {
  const counts = new Map<string, number>();
  return (wanted) => {
    let name = wanted;
    let count = counts.get(wanted) ?? 1;
    while (taken.has(name)) name = `${wanted}_${++count}`;
    counts.set(wanted, count);
    taken.set(name, undefined);
    return name;
  };
}
