import { SenetError } from "../base/errors.ts";
import { arityMismatch, completeAttributes, findOperator } from "../ir/builder.ts";
import { describe, type Graph, type Node, type Value } from "../ir/graph.ts";
import type { Operator } from "../ir/operator.ts";
import { formatShape } from "../ir/shape.ts";
import { operatorTable } from "./new-graph.ts";

/**
 * Checks everything a graph promises: known operators and attributes, nodes in an order in which they can
 * be computed, each value computed once, stored shapes equal to what the shape rules say, names unique.
 *
 * @throws SenetError `graph` naming the first thing that is wrong.
 * @example verify(insertSE(net).graph); // throws, or does nothing
 */
export function verify(graph: Graph): void {
  const fail = (message: string): never => {
    throw new SenetError("graph", `Graph ${graph.name}: ${message}`);
  };
  const known = new Set<Value>(graph.inputs);
  const isKnown = (value: Value) => known.has(value) || value.tensor !== undefined;
  for (const [index, node] of graph.nodes.entries()) {
    const what = `node ${index} (${node.op}${node.scope ? ` in ${node.scope}` : ""})`;
    for (const input of node.inputs) {
      if (input && !isKnown(input)) fail(`${what} reads ${describe(input)} before it is computed.`);
    }
    verifyNode(
      node,
      findOperator(operatorTable, node.op) ?? fail(`${what}: the operator is not known.`),
      what,
      fail,
    );
    for (const output of node.outputs) {
      if (known.has(output)) fail(`${what} computes a value that exists already.`);
      if (output.producer !== node) fail(`${what} has an output that names another producer.`);
      known.add(output);
    }
  }
  for (const { name, value } of graph.outputs) {
    if (!isKnown(value)) fail(`output "${name}" is never computed.`);
  }
  verifyNames(graph, fail);
}

function verifyNode(node: Node, operator: Operator, what: string, fail: (m: string) => never): void {
  const mismatch = arityMismatch(operator, node.inputs.length);
  if (mismatch) fail(`${what}: ${mismatch}`);
  const attrs = completeAttributes(operator, node.attrs, what);
  const types = operator.infer(node.inputs, attrs, what);
  if (types.length !== node.outputs.length) {
    fail(`${what}: expected ${types.length} outputs, found ${node.outputs.length}.`);
  }
  for (const [i, { dtype, shape }] of types.entries()) {
    const output = node.outputs[i];
    if (output.dtype !== dtype || formatShape(output.shape) !== formatShape(shape)) {
      fail(
        `${what}: output ${i} should be ${dtype} ${formatShape(shape)}, is ${output.dtype} ${formatShape(output.shape)}.`,
      );
    }
  }
}

function verifyNames(graph: Graph, fail: (m: string) => never): void {
  const given = new Set<string>();
  for (const { name } of graph.outputs) {
    if (given.has(name)) fail(`two outputs are named "${name}".`);
    given.add(name);
  }
  const fed = new Set<Value>();
  for (const [index, input] of graph.inputs.entries()) {
    if (input.name === undefined) fail(`input ${index} has no name.`);
    if (fed.has(input)) fail(`input "${input.name}" is listed twice.`);
    fed.add(input);
  }
  const names = new Map<string, Value>();
  const values = [...graph.inputs, ...graph.nodes.flatMap((node) => node.inputs)];
  for (const value of values) {
    if (!value?.name) continue;
    const other = names.get(value.name);
    if (other && other !== value) fail(`two values are named "${value.name}".`);
    names.set(value.name, value);
  }
}
