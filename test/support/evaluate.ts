import { nearest, SenetError } from "../../src/base/errors.ts";
import type { DType } from "../../src/ir/dtype.ts";
import { describe, type Graph, type Node, type Value } from "../../src/ir/graph.ts";
import { formatShape } from "../../src/ir/shape.ts";
import { reference } from "../../src/reference/index.ts";
import { refTensor, toRef } from "../../src/reference/ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "../../src/reference/types.ts";

const functions: Readonly<Record<string, ReferenceFunction>> = reference;

/**
 * Runs a graph in float64, slowly: its outputs by name. Feeds are named as the graph's inputs; a parameter or
 * state among them that is not fed keeps its stored content.
 *
 * @example evaluate(graph, { x: refTensor([1, 3], [1, 2, 3]) }).y.data
 * @throws SenetError `graph` when a feed is missing or an operator has no reference, `shape` when a shape is not what
 * the graph says.
 */
export function evaluate(
  graph: Graph,
  feeds: Readonly<Record<string, RefTensor>>,
): Record<string, RefTensor> {
  const results = evaluateValues(
    graph,
    feeds,
    graph.outputs.map((output) => output.value),
  );
  return Object.fromEntries(graph.outputs.map((output, i) => [output.name, results[i]]));
}

/**
 * What the listed values of a graph become: inputs, stored values, or whatever a node computes. Only the nodes they
 * depend on run, and only the feeds those need must be given.
 */
export function evaluateValues(
  graph: Graph,
  feeds: Readonly<Record<string, RefTensor>>,
  values: readonly Value[],
): RefTensor[] {
  const known = bindFeeds(graph, feeds);
  for (const node of neededNodes(graph, values)) runNode(node, known);
  return values.map((value) => lookUp(value, known));
}

function bindFeeds(graph: Graph, feeds: Readonly<Record<string, RefTensor>>): Map<Value, RefTensor> {
  const byName = new Map(graph.inputs.map((value) => [describe(value), value]));
  const known = new Map<Value, RefTensor>();
  for (const [name, fed] of Object.entries(feeds)) {
    const value = byName.get(name);
    if (!value) {
      throw new SenetError(
        "graph",
        `Graph ${graph.name}: "${name}" is fed, but no input has that name${nearest(name, byName.keys())}.`,
      );
    }
    checkShape(value, fed, `input "${name}"`);
    known.set(value, fed);
  }
  return known;
}

/** The nodes on which `values` depend, in the order in which they can be computed. */
function neededNodes(graph: Graph, values: readonly Value[]): Node[] {
  const needed = new Set<Value | null>(values);
  const nodes = graph.nodes.toReversed().filter((node) => {
    const isNeeded = node.outputs.some((output) => needed.has(output));
    if (isNeeded) for (const input of node.inputs) needed.add(input);
    return isNeeded;
  });
  return nodes.reverse();
}

function runNode(node: Node, known: Map<Value, RefTensor>): void {
  const where = `${node.op}${node.scope ? ` in ${node.scope}` : ""}`;
  const compute = functions[node.op];
  if (!compute) {
    throw new SenetError(
      "graph",
      `${where}: the operator has no reference function${nearest(node.op, Object.keys(functions))}.`,
    );
  }
  const results = compute(
    node.inputs.map((input) => (input ? lookUp(input, known) : null)),
    node.attrs,
  );
  for (const [i, output] of node.outputs.entries()) {
    const result = results[i];
    if (!result) {
      throw new SenetError(
        "graph",
        `${where}: expected ${node.outputs.length} outputs, found ${results.length}; correct the node.`,
      );
    }
    checkShape(output, result, `output ${i} of ${where}`);
    known.set(output, stored(result, output.dtype));
  }
}

function lookUp(value: Value, known: Map<Value, RefTensor>): RefTensor {
  const found = known.get(value);
  if (found) return found;
  if (value.tensor) {
    const bound = toRef(value.tensor);
    known.set(value, bound);
    return bound;
  }
  throw new SenetError(
    "graph",
    `Reference evaluator: expected a tensor for "${describe(value)}", found none; feed it, or request values of this graph only.`,
  );
}

/** What an integer tensor keeps of a result: division and means truncate toward zero, as in C; 8 bits hold no more than they can. */
function stored(result: RefTensor, dtype: DType): RefTensor {
  if (dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bool") return result;
  const [min, max] = BYTE_RANGES[dtype] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const whole = result.data.map((value) => Math.min(Math.max(Math.trunc(value), min), max));
  return refTensor(result.shape, whole);
}

const BYTE_RANGES: Partial<Record<DType, readonly [number, number]>> = { uint8: [0, 255], int8: [-128, 127] };

/** Dimensions that are numbers must be those; a symbol takes any. */
function checkShape(value: Value, found: RefTensor, what: string): void {
  const fits = (dim: number | string, axis: number) => typeof dim === "string" || dim === found.shape[axis];
  if (value.shape.length === found.shape.length && value.shape.every(fits)) return;
  throw new SenetError(
    "shape",
    `Reference evaluator: ${what} should be ${formatShape(value.shape)}, is ${formatShape(found.shape)}; correct the shape rule or the feed.`,
  );
}
