import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { formatShape, sizeOf } from "../../ir/shape.ts";
import { usesOf } from "../../ir/uses.ts";
import { axesOf } from "../../ops/reduce-shape.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";

/**
 * Replaces sums over the pixels of maps, and of products of two maps, by ONNX Runtime's NCHWc operators, which read each map once
 * and write next to nothing. Maps are not copied, only declared to be in NCHWc: `block` neighboring pixels of
 * one channel count as channels, since a sum does not care. It is then a pooling, and that of products a convolution of one map,
 * channel by channel, with the other as its kernel.
 *
 * @param block channels in a block on this processor: 16 with AVX-512, else 8 (`probeBlock`)
 */
export function nchwcSums(graph: Graph, block: number): Graph {
  const uses = usesOf(graph);
  const nchwc = rebuild(graph, {
    node(b, node, inputs) {
      const [x] = inputs;
      const over = x && summedAxes(node, block);
      if (!over) return undefined;
      const rows = sizeOf(knownShape(x).slice(2)) / block;
      const shape = b.constant(knownShape(node.outputs[0]));
      const total = (partial: Value) =>
        b.op("Reshape", [b.op("ReduceSum", [partial, b.constant(over)], { keepdims: 0 }), shape]);
      const product = node.inputs[0] && productOf(node.inputs[0]);
      // A product with other readers is in memory anyway.
      const factors = product && uses.onlyReader(product.outputs[0]) && factorsOf(x);
      if (factors) return [total(dotByLanes(b, factors, { block, rows }))];
      return [b.op("Mul", [total(meansByLanes(b, x, { block, rows })), b.constant(rows)])];
    },
  });
  return removeDeadNodes(nchwc);
}

/** What is left to sum over in [N, C, block], where a node sums over all pixels of maps [N, C, …] and these fill blocks. */
function summedAxes(node: Node, block: number): readonly number[] | undefined {
  const [x] = node.inputs;
  if (node.op !== "ReduceSum" || !x || x.shape.length < 3) return undefined;
  const pixels = sizeOf(knownShape(x).slice(2));
  if (pixels % block !== 0 || pixels === block) return undefined;
  const spatial = x.shape.map((_, axis) => axis).slice(2);
  const named = axesOf(node).join();
  if (named === spatial.join()) return [2];
  return named === [0, ...spatial].join() ? [0, 2] : undefined;
}

/** How the pixels of one channel lie: `rows` after each other in every one of `block` lanes. */
interface Lanes {
  readonly block: number;
  readonly rows: number;
}

/** The mean of every lane, [N, C, block]. */
function meansByLanes(b: GraphBuilder, x: Value, { block, rows }: Lanes): Value {
  const [images, channels] = knownShape(x);
  const lanes = b.op("Reshape", [x, b.constant([1, images * channels * block, rows, 1])]);
  const means = b.op("NchwcGlobalAveragePool", [lanes]);
  return b.op("Reshape", [means, b.constant([images, channels, block])]);
}

/** Σ x·y over every lane, [N, C, block]: a convolution of x with y as the kernel, lane by lane. */
function dotByLanes(b: GraphBuilder, [x, y]: Factors, { block, rows }: Lanes): Value {
  const [images, channels] = knownShape(x);
  const group = images * channels * block;
  const map = b.op("Reshape", [x, b.constant([1, group, rows, 1])]);
  const kernels = b.op("Reshape", [y, b.constant([group, 1, rows, 1])]);
  const sums = b.op("NchwcConv", [map, kernels], { group, kernel_shape: [rows, 1] });
  return b.op("Reshape", [sums, b.constant([images, channels, block])]);
}

type Factors = readonly [Value, Value];

/** The two maps whose product a value is, reshaped or not. */
function factorsOf(x: Value): Factors | undefined {
  const [left, right] = productOf(x)?.inputs ?? [];
  if (!left || !right || formatShape(left.shape) !== formatShape(right.shape)) return undefined;
  return [left, right];
}

function productOf(x: Value): Node | undefined {
  const { producer } = x.producer?.op === "Reshape" ? (x.producer.inputs[0] ?? x) : x;
  return producer?.op === "Mul" ? producer : undefined;
}
