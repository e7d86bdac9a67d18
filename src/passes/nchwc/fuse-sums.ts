import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { formatShape, sizeOf } from "../../ir/shape.ts";
import { filled } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isOp, type NodeOf } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";

/** Elements below which a map is in the cache anyway, so that reshaping it costs more than it saves. */
const MIN_ELEMENTS = 2 ** 15;

/** Pixels in a row of blocks where any number would do: the engine's kernel is called once per row. */
const ROW = 256;

/** Pixels that a row of blocks must have where a map's channels decide. */
const MIN_ROW = 4;

/**
 * Lets one NCHWc convolution of ONNX Runtime do what `Add` does together with the `Relu` behind it or the BatchNormalization of a term
 * before it, each of which would pass over memory once more. Maps are not copied, only declared to be in NCHWc, as in
 * `nchwcSums`: the convolution is depthwise with a 1×1 kernel, and the other term is the map that it adds, which
 * the engine overwrites; so one term must have no other reader.
 *
 * @param block channels in a block on this processor: 16 with AVX-512, else 8 (`probeBlock`)
 */
export function fuseSums(graph: Graph, block: number): Graph {
  const uses = usesOf(graph);
  const fused = rebuild(graph, {
    node(b, node, inputs) {
      const sum = fusible(node, uses, block);
      if (!sum) return undefined;
      const terms = (sum.relu ? inputs[0]?.producer?.inputs : inputs) as readonly Value[];
      return [write(b, sum, { x: terms[sum.scaled], y: terms[1 - sum.scaled] }, block)];
    },
  });
  return removeDeadNodes(fused);
}

/** A sum that one convolution may compute: of the term `scaled`, normalized or as it is, and the other one. */
interface FusibleSum {
  readonly scaled: 0 | 1;
  readonly normalized: boolean;
  readonly relu: boolean;
}

function fusible(node: Node, uses: Uses, block: number): FusibleSum | undefined {
  const relu = node.op === "Relu";
  const sum = relu ? node.inputs[0]?.producer : node;
  const [left, right] = sum?.inputs ?? [];
  if (sum?.op !== "Add" || !left || !right || formatShape(left.shape) !== formatShape(right.shape))
    return undefined;
  const reader = uses.onlyReader(sum.outputs[0]);
  if (relu ? reader !== node : reader?.op === "Relu") return undefined;
  const size = sizeOf(knownShape(left));
  if (size < MIN_ELEMENTS) return undefined;
  const dies = (term: Value) => term.producer !== undefined && uses.onlyReader(term) === sum;
  const terms = [left, right];
  for (const scaled of [0, 1] as const) {
    const normalized = terms[scaled].producer?.op === "BatchNormalization" && dies(terms[scaled]);
    if (normalized && dies(terms[1 - scaled]) && rowOf(left, block) >= MIN_ROW) {
      return { scaled, normalized, relu };
    }
  }
  if (!relu || size % (block * ROW) !== 0 || !terms.some(dies)) return undefined;
  return { scaled: dies(right) ? 0 : 1, normalized: false, relu };
}

/** Pixels of one channel of a map [N, C, …] in one lane of blocks; 0 where they do not fill blocks. */
function rowOf(map: Value, block: number): number {
  const pixels = sizeOf(knownShape(map).slice(2));
  return map.shape.length > 2 && pixels % block === 0 ? pixels / block : 0;
}

function write(
  b: GraphBuilder,
  { normalized, relu }: FusibleSum,
  { x, y }: { x: Value; y: Value },
  block: number,
): Value {
  const shape = knownShape(y);
  const norm = normalized && isOp(x.producer, "BatchNormalization") ? x.producer : undefined;
  const [view, weight, bias] = norm
    ? [[shape[0], shape[1] * block, 1, rowOf(y, block)], ...lanesOf(b, norm, block)]
    : [[1, block, sizeOf(shape) / block / ROW, ROW], b.constant(filled([block, 1, 1, 1], 1)), null];
  const viewed = (map: Value) => b.op("Reshape", [map, b.constant(view)]);
  const map = norm?.inputs[0] ?? x;
  const sum = b.op("NchwcConv", [viewed(map), weight, bias, viewed(y)], {
    kernel_shape: [1, 1],
    group: view[1],
    activation: relu ? "Relu" : "",
  });
  return b.op("Reshape", [sum, b.constant(shape)]);
}

/** A BatchNormalization as slope·x + offset: the weight and the bias of a convolution in which each channel is `block` lanes. */
function lanesOf(
  b: GraphBuilder,
  { inputs, attrs }: NodeOf<"BatchNormalization">,
  block: number,
): readonly [Value, Value] {
  const [, scale, shift, mean, variance] = inputs as Value[];
  const deviation = b.op("Sqrt", [b.op("Add", [variance, b.constant(attrs.epsilon)])]);
  const slope = b.op("Div", [scale, deviation]);
  const offset = b.op("Sub", [shift, b.op("Mul", [mean, slope])]);
  const channels = Number(scale.shape[0]);
  const lanes = (value: Value, shape: readonly number[]) => {
    const column = b.op("Reshape", [value, b.constant([channels, 1])]);
    return b.op("Reshape", [b.op("Expand", [column, b.constant([channels, block])]), b.constant(shape)]);
  };
  return [lanes(slope, [channels * block, 1, 1, 1]), lanes(offset, [channels * block])];
}
