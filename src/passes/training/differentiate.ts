import { SenetError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { describe, type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { broadcastAxes } from "../../ir/shape.ts";
import { operatorTable } from "../../ops/new-graph.ts";

/**
 * Appends the gradient of a scalar to the graph that `b` holds (reverse mode, once through the nodes).
 *
 * @param graph the graph that `b` was started from or has built so far
 * @param loss a scalar of that graph
 * @param wrt the values whose gradients are wanted
 * @returns one gradient per value of `wrt`, of the same shape
 * @throws SenetError `shape` when an input's shape has a symbol, `gradient` when an operator on the way has none, or a value does not reach the loss
 *
 * @example const gradients = differentiate(b, b.build(), loss, parametersOf(graph));
 */
export function differentiate(b: GraphBuilder, graph: Graph, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length > 0) {
    throw new SenetError(
      "gradient",
      `differentiate: the loss should be a scalar, found [${loss.shape.join(", ")}]; reduce it to one number first (ReduceMean).`,
    );
  }
  for (const input of graph.inputs) knownShape(input, `differentiate: ${describe(input)}`);
  const onPath = reachableFrom(graph, wrt);
  const terms = new Map<Value, Value[]>([[loss, [b.constant(1)]]]);
  for (const node of graph.nodes.toReversed()) {
    // A target that is itself computed ends the path: what it is computed from matters only for other targets.
    if (!node.inputs.some((input) => input && onPath.has(input))) continue;
    if (!node.outputs.some((output) => terms.has(output))) continue;
    b.within(node.scope, () => {
      const grads = node.outputs.map((output) => total(b, terms.get(output)));
      const inputGrads = pullBack(b, node, grads, onPath);
      node.inputs.forEach((input, i) => {
        const grad = inputGrads[i];
        if (!input || !grad || !onPath.has(input)) return;
        const list = terms.get(input) ?? [];
        terms.set(input, [...list, unbroadcast(b, grad, input)]);
      });
    });
  }
  return wrt.map((value) => {
    const grad = total(b, terms.get(value));
    if (grad) return grad;
    throw new SenetError(
      "gradient",
      `differentiate: the loss does not depend on ${describe(value)}; leave it out.`,
    );
  });
}

/** The targets and every value computed from one of them. */
function reachableFrom(graph: Graph, targets: readonly Value[]): Set<Value> {
  const reached = new Set(targets);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => input && reached.has(input))) {
      for (const output of node.outputs) reached.add(output);
    }
  }
  return reached;
}

function pullBack(b: GraphBuilder, node: Node, grads: (Value | null)[], onPath: Set<Value>) {
  const { vjp } = operatorTable[node.op];
  if (typeof vjp !== "function") {
    throw new SenetError(
      "gradient",
      `${node.op} in ${node.scope || "the graph"} has no gradient: ${vjp.reason}; replace it, or want no gradient through it.`,
    );
  }
  const where = `${node.op} in ${node.scope || "the graph"}`;
  const inputs = node.inputs.filter((input) => input !== null);
  if (node.inputs.slice(0, inputs.length).includes(null)) {
    throw new SenetError("gradient", `${where}: the gradient rules know left-out inputs only at the end.`);
  }
  const [grad] = grads;
  if (!grad) {
    throw new SenetError("gradient", `${where}: the gradient rule needs that of its first output.`);
  }
  const needs = inputs.map((input) => onPath.has(input));
  const result = vjp({ b, inputs, outputs: node.outputs, attrs: node.attrs, grads, grad, needs });
  if (result.length !== inputs.length) {
    throw new SenetError(
      "gradient",
      `${node.op}: the gradient rule returned ${result.length} gradients for ${inputs.length} inputs.`,
    );
  }
  return result;
}

/** Sum of what flows back into one value from all its uses. */
function total(b: GraphBuilder, terms: Value[] | undefined): Value | null {
  if (!terms) return null;
  return terms.reduce((sum, term) => b.op("Add", [sum, term]));
}

/** Sums over the axes along which `value` was repeated. */
function unbroadcast(b: GraphBuilder, grad: Value, value: Value): Value {
  const axes = broadcastAxes(value.shape, grad.shape);
  if (axes.length === 0) return grad;
  const leading = grad.shape.length - value.shape.length;
  const kept = b.op("ReduceSum", [grad, b.constant(axes)], { keepdims: leading === 0 ? 1 : 0 });
  return kept.shape.length === value.shape.length
    ? kept
    : b.op("Reshape", [kept, b.constant(knownShape(value))]);
}
