import { type Graph, knownShape, type Value } from "../../src/ir/graph.ts";
import { newGraph } from "../../src/ops/new-graph.ts";
import { verify } from "../../src/ops/verify.ts";
import { differentiate } from "../../src/passes/training/differentiate.ts";
import { toRef } from "../../src/reference/ref-tensor.ts";
import type { RefTensor } from "../../src/reference/types.ts";
import { evaluateValues } from "./evaluate.ts";
import { dot, randomTensor } from "./gradient-check.ts";

type Feeds = Readonly<Record<string, RefTensor>>;

/** Small enough that curvature does not count, large enough that float64 rounding does not. */
const STEP = 1e-5;
const DIRECTIONS = 3;

/**
 * How far the gradients of `differentiate` are from the loss's measured slope along random directions, one number a
 * target: the largest |measured − gradient·direction| relative to the gradient's length. All in float64.
 *
 * @param wrt inputs or parameters of the graph
 * @param shortest where a gradient may be 0: a shorter one counts as this long
 */
export function gradientErrors(
  graph: Graph,
  loss: Value,
  wrt: readonly Value[],
  feeds: Feeds,
  shortest = 0,
): number[] {
  const b = newGraph(graph.name, { from: graph });
  const gradients = differentiate(b, graph, loss, wrt);
  const differentiated = b.build();
  verify(differentiated);
  const found = evaluateValues(differentiated, feeds, gradients);
  return wrt.map((value, i) => {
    const errors = Array.from({ length: DIRECTIONS }, (_, k) => {
      const direction = randomTensor(found[i].shape, 1000 * i + k);
      const difference = slope(graph, loss, value, direction, feeds) - dot(found[i], direction);
      return Math.abs(difference) / Math.max(Math.sqrt(dot(found[i], found[i])), shortest);
    });
    return errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors);
  });
}

/** Central difference of the loss along `direction` of one input or parameter. */
export function slope(graph: Graph, loss: Value, at: Value, direction: RefTensor, feeds: Feeds): number {
  const name = at.name ?? "";
  // A parameter can be moved only where it is fed.
  const open = graph.inputs.includes(at) ? graph : { ...graph, inputs: [...graph.inputs, at] };
  const center = feeds[name] ?? (at.tensor && toRef(at.tensor));
  const lossAt = (step: number): number => {
    const data = center.data.map((element, i) => element + step * direction.data[i]);
    return evaluateValues(open, { ...feeds, [name]: { shape: center.shape, data } }, [loss])[0].data[0];
  };
  return (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
}

/** The graph with a scalar of all its outputs: Σ output · random weight. */
export function withProjection(graph: Graph): { graph: Graph; loss: Value } {
  const b = newGraph(graph.name, { from: graph });
  const terms = graph.outputs.map(({ value }, i) => {
    const { data } = randomTensor(knownShape(value), 77 + i);
    const weight = b.constant({
      dtype: "float32",
      shape: knownShape(value),
      data: Float32Array.from(data),
    });
    return b.op("ReduceSum", [b.op("Mul", [value, weight])], { keepdims: 0 });
  });
  const loss = b.op("Sum", terms);
  return { graph: b.build(), loss };
}
