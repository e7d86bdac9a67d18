import { nearest, SenetError } from "../base/errors.ts";
import { arityMismatch, completeAttributes, findOperator } from "../ir/builder.ts";
import { describe, type Graph, type Node, type Value } from "../ir/graph.ts";
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
  const isUnknown = (value: Value | null) => value && !value.tensor && !known.has(value);
  for (const [index, node] of graph.nodes.entries()) {
    const what = `node ${index} (${node.op}${node.scope ? ` in ${node.scope}` : ""})`;
    const early = node.inputs.find(isUnknown);
    if (early) {
      fail(
        `${what} reads ${describe(early)} before it is computed; add it to the inputs, or sort the nodes.`,
      );
    }
    verifyNode(node, what, fail);
    for (const output of node.outputs) {
      if (known.has(output)) fail(`${what} computes a value that exists already; list its node once.`);
      if (output.producer !== node) {
        fail(`${what} has an output that names another producer; give each node outputs of its own.`);
      }
      known.add(output);
    }
  }
  const missing = graph.outputs.find(({ value }) => isUnknown(value));
  if (missing)
    fail(`output "${missing.name}" is never computed; add the node that does, or drop the output.`);
  verifyNames(graph, fail);
}

function verifyNode(node: Node, what: string, fail: (m: string) => never): void {
  const suggestion = nearest(node.op, Object.keys(operatorTable));
  const operator =
    findOperator(operatorTable, node.op) ??
    fail(`${what}: the operator is not known${suggestion}; correct its name.`);
  const mismatch = arityMismatch(operator, node.inputs.length);
  if (mismatch) fail(`${what}: ${mismatch}`);
  const attrs = completeAttributes(operator, node.attrs, what);
  const types = operator.infer(node.inputs, attrs, what);
  if (types.length !== node.outputs.length) {
    fail(`${what}: expected ${types.length} outputs, found ${node.outputs.length}; give it as many.`);
  }
  for (const [i, { dtype, shape }] of types.entries()) {
    const output = node.outputs[i];
    if (output.dtype !== dtype || formatShape(output.shape) !== formatShape(shape)) {
      fail(
        `${what}: output ${i} should be ${dtype} ${formatShape(shape)}, is ${output.dtype} ${formatShape(output.shape)}; let a builder infer it.`,
      );
    }
  }
}

function verifyNames(graph: Graph, fail: (m: string) => never): void {
  const given = new Set<string>();
  for (const { name } of graph.outputs) {
    if (given.has(name)) fail(`two outputs are named "${name}"; rename one.`);
    given.add(name);
  }
  const fed = new Set<Value>();
  for (const [index, input] of graph.inputs.entries()) {
    if (input.name === undefined) fail(`input ${index} has no name; give it one.`);
    if (fed.has(input)) fail(`input "${input.name}" is listed twice; drop one.`);
    fed.add(input);
  }
  const names = new Map<string, Value>();
  const values = [...graph.inputs, ...graph.nodes.flatMap((node) => node.inputs)];
  for (const value of values) {
    if (!value?.name) continue;
    const other = names.get(value.name);
    if (other && other !== value) fail(`two values are named "${value.name}"; rename one.`);
    names.set(value.name, value);
  }
}
