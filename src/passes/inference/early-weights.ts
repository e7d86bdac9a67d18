import type { Node } from "../../ir/graph.ts";
import { formatShape, type Shape, sizeOf } from "../../ir/shape.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { Uses } from "../../ir/uses.ts";
import { isOp, isPlainGemm } from "../../ops/predicates.ts";
import { windowShares } from "./border-sums.ts";

/** The weights of the convolution before a squeeze, and the map it reads. */
export interface ConvWeights {
  /** [O,I/group,k,k]. */
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly group: number;
  /** [N,I,H,W]. */
  readonly map: Shape;
}

/** The weights of a fully connected layer. */
export interface LayerWeights {
  /** Output channels. */
  readonly rows: number;
  at(row: number, column: number): number;
  readonly bias: Tensor | undefined;
}

/**
 * Those of a layer of all channels, in any of ONNX's forms; nothing where they are not stored, or the node is no such layer. One that
 * reads channels as positions, such as ECA's convolution, has another number of inputs.
 */
export function weightsOfLayer(node: Node, channels: number, uses: Uses): LayerWeights | undefined {
  const [, weight, bias] = node.inputs;
  if (!uses.isStored(weight) || weight.dtype !== "float32") return undefined;
  if (bias && !uses.isStored(bias)) return undefined;
  const { tensor } = weight;
  const isPointwise = isOp(node, "Conv") && node.attrs.group === 1 && sizeOf(tensor.shape.slice(2)) === 1;
  const gemm = isPlainGemm(node) ? node : undefined;
  if (!isPointwise && !gemm && !(node.op === "MatMul" && tensor.shape.length === 2)) return undefined;
  const [first, second] = tensor.shape;
  const outputsFirst = isPointwise || gemm?.attrs.transB === 1;
  const [rows, columns] = outputsFirst ? [first, second] : [second, first];
  if (columns !== channels) return undefined;
  // Gemm may add one scalar to all.
  if (bias && formatShape(bias.shape) !== formatShape([rows])) return undefined;
  const { data } = tensor;
  const at = outputsFirst
    ? (row: number, column: number) => Number(data[row * columns + column])
    : (row: number, column: number) => Number(data[column * rows + row]);
  return { rows, at, bias: bias?.tensor };
}

/** What replaces an excitation's first layer: a matrix [rows, features] and a bias. */
export interface EarlyWeights {
  readonly matrix: Float32Array;
  readonly bias: Float32Array;
}

/**
 * W₁·W and W₁·b + b₁, in float64: the layer W₁ on the mean of the output of a convolution W, as a layer on the features of its
 * input (`windowShares`: the mean, and for a window of 3 those of its borders).
 */
export function earlyWeights(conv: ConvWeights, layer: LayerWeights): EarlyWeights {
  const { weight, group, map } = conv;
  const [filters, perGroup, size] = weight.shape;
  const shares = windowShares(size, map);
  const channels = perGroup * group;
  const width = shares.length * channels;
  const matrix = new Float64Array(layer.rows * width);
  const bias = Float64Array.from({ length: layer.rows }, (_, row) => Number(layer.bias?.data[row] ?? 0));
  for (let filter = 0; filter < filters; filter++) {
    const firstChannel = Math.floor(filter / (filters / group)) * perGroup;
    const takes = takenBy(filter, weight, shares);
    const summand = Number(conv.bias?.data[filter] ?? 0);
    for (let row = 0; row < layer.rows; row++) {
      const factor = layer.at(row, filter);
      bias[row] += factor * summand;
      for (let feature = 0; feature < shares.length; feature++) {
        const to = row * width + feature * channels + firstChannel;
        const from = feature * perGroup;
        for (let i = 0; i < perGroup; i++) matrix[to + i] += factor * takes[from + i];
      }
    }
  }
  return { matrix: Float32Array.from(matrix), bias: Float32Array.from(bias) };
}

/** How much the mean of one filter's output takes from each feature of each input channel. */
function takenBy(
  filter: number,
  { shape: [, perGroup, size], data }: Tensor,
  shares: ReturnType<typeof windowShares>,
): Float64Array {
  const takes = new Float64Array(shares.length * perGroup);
  for (const [feature, positions] of shares.entries()) {
    for (let i = 0; i < perGroup; i++) {
      const kernel = (filter * perGroup + i) * size * size;
      for (const [position, share] of positions) {
        takes[feature * perGroup + i] += share * Number(data[kernel + position]);
      }
    }
  }
  return takes;
}
