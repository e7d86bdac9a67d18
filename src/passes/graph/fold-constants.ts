import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { type Dim, sizeOf } from "../../ir/shape.ts";
import { operatorTable } from "../../ops/new-graph.ts";
import { isQuantization } from "../../ops/predicates.ts";
import { type ReferenceOperator, reference } from "../../reference/index.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { rebuild } from "./rebuild.ts";
import { removeDeadNodes } from "./remove-dead-nodes.ts";
import { type Contents, contentOf, reshapeTarget } from "./shape-content.ts";
import { toStored } from "./to-stored.ts";

/** Adds a node and returns its outputs, or constants in their place; as `GraphBuilder`'s. */
export type AddNode = GraphBuilder["ops"];

/** Elements of one tensor that is computed here: far more than shapes have, far less than weights. */
const MAX_ELEMENTS = 2 ** 16;
/** Elements of all of them, so that a small file cannot become a large graph. */
const MAX_TOTAL = 2 ** 22;
/** Arithmetic of one node: the reference evaluator is slow. */
const MAX_FLOPS = 2 ** 20;

/**
 * The graph with everything computed that does not depend on its inputs: arithmetic with constants, and with shapes, also where a
 * dimension is a symbol. So `Reshape(x, Concat(Gather(Shape(x), 0), [-1]))`, as exporters write it, becomes `Reshape(x, [0, -1])`.
 * Parameters and states are kept. Nodes that nothing reads any more are dropped.
 *
 * @example foldConstants(graph).nodes.length
 */
export function foldConstants(graph: Graph): Graph {
  let add: AddNode | undefined;
  const folded = rebuild(graph, {
    node(b, { op, attrs }, inputs) {
      add ??= foldingAdder(b);
      return add(op, inputs, attrs);
    },
  });
  return removeDeadNodes(folded);
}

/** As `b.ops`, but with constants for what is known already; the nodes that computed them stay in `b` without readers. */
export function foldingAdder(b: GraphBuilder): AddNode {
  const contents: Contents = new Map();
  let left = MAX_TOTAL;
  return (op, inputs, attrs = {}) => {
    const outputs = b.ops(op, shapesKnown(b, op, inputs, contents), attrs);
    const node = outputs[0]?.producer;
    if (!node) return outputs;
    const size = outputs.reduce((sum, value) => sum + elements(value), 0);
    if (isComputable(node) && size <= Math.min(MAX_ELEMENTS, left)) {
      left -= size;
      return compute(b, node);
    }
    const items = contentOf(node, contents);
    if (!items) return outputs;
    const [output] = outputs;
    if (items.every((item) => typeof item === "number")) {
      return [b.constant(toStored(output.dtype, knownShape(output), items))];
    }
    contents.set(output, items);
    return outputs;
  };
}

/** The inputs, with a constant for a wanted shape that is known up to the symbols its source has as well. */
function shapesKnown(
  b: GraphBuilder,
  op: string,
  inputs: readonly (Value | null)[],
  contents: Contents,
): readonly (Value | null)[] {
  const [x, wanted, ...others] = inputs;
  const items: readonly Dim[] | undefined = wanted ? contents.get(wanted) : undefined;
  if (op !== "Reshape" || !x || !items) return inputs;
  const target = reshapeTarget(items, x.shape);
  return target ? [x, b.constant(target), ...others] : inputs;
}

/** Whether all inputs are constants, small, and the operator cheap. */
function isComputable(node: Node): boolean {
  const { op, inputs, outputs, attrs } = node;
  // Computed, integer weights would become float ones, and the file four times as large.
  if (!Object.hasOwn(reference, op) || isQuantization(node) || inputs.length === 0) return false;
  const present = inputs.filter((input) => input !== null);
  if (!present.every((input) => input.role === "constant" && elements(input) <= MAX_ELEMENTS)) return false;
  if ([...present, ...outputs].some(({ dtype }) => dtype === "float16")) return false;
  const read = inputs.map((input) => input && knownShape(input));
  const { flops } = operatorTable[op].cost(
    read,
    outputs.map((output) => knownShape(output)),
    attrs,
  );
  return flops <= MAX_FLOPS;
}

function compute(b: GraphBuilder, { op, inputs, outputs, attrs }: Node): readonly Value[] {
  const operands = inputs.map((input) => (input?.tensor ? toRef(input.tensor) : null));
  const results = reference[op as ReferenceOperator](operands, attrs);
  return outputs.map(({ dtype }, i) => b.constant(toStored(dtype, results[i].shape, results[i].data)));
}

/** Elements of a value; more than any limit where a dimension is a symbol. */
function elements({ shape }: Value): number {
  return shape.every((dim) => typeof dim === "number") ? sizeOf(shape) : Number.POSITIVE_INFINITY;
}
