import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { lazyTensor, type Tensor } from "../../ir/tensor.ts";
import type { StoredValue } from "../../ir/uses.ts";
import { rotatedSource } from "../lower/rotate-kernel.ts";

/**
 * Stored weights [O,I/group,kH,kW] in blocks, in the order that `NchwcConv` reads, their stated shape unchanged unless `shape` gives another:
 * [O/block][I/block][kH][kW][block of I][block of O], or [O/block][I][kH][kW][block of O] where `I/group` is no multiple of a block.
 */
export function nchwcStored(
  { role, dtype, name: plain, tensor }: StoredValue,
  block: number,
  shape: readonly number[] = tensor.shape,
): Value {
  const content = lazyTensor(shape, () => reordered(tensor, block));
  const name = plain && `${plain}.nchwc${block}`;
  return new Value(role, dtype, shape, { name, tensor: content });
}

function reordered({ shape, data: elements }: Tensor, block: number): Float32Array {
  const data = elements as Float32Array;
  const [filters, channels, height, width] = shape;
  const area = height * width;
  const inner = channels % block === 0 ? block : 1;
  const result = new Float32Array(data.length);
  let to = 0;
  for (let filter = 0; filter < filters; filter += block) {
    for (let channel = 0; channel < channels; channel += inner) {
      for (let position = 0; position < area; position++) {
        for (let i = 0; i < inner; i++) {
          for (let o = 0; o < block; o++) {
            result[to++] = data[((filter + o) * channels + channel + i) * area + position];
          }
        }
      }
    }
  }
  return result;
}

/**
 * Weights that the graph computes, put into blocks in the graph as `nchwcStored` does for whole blocks on both sides. The engine's own
 * reordering of maps makes the blocks of one side; a transpose that moves whole blocks does the rest, four times as fast as one for all.
 */
export function nchwcComputed(b: GraphBuilder, w: Value, block: number): Value {
  const source = rotatedSource(w);
  return source ? nchwcRotated(b, source, block) : nchwcUnrotated(b, w, block);
}

function nchwcUnrotated(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = knownShape(w);
  // Filters count as the channels of one image, whose pixels are all their numbers.
  const filters = b.op("Reshape", [w, b.constant([1, out, channels * height * width, 1])]);
  const split = b.constant([out / block, channels / block, block, height * width, block]);
  const blocks = b.op("Reshape", [b.op("ReorderInput", [filters]), split]);
  const moved = b.op("Transpose", [blocks], { perm: [0, 1, 3, 2, 4] });
  return b.op("Reshape", [moved, b.constant([out, channels, height, width])]);
}

/** Of [O,I,kH,kW] the blocks of the weight with its sides exchanged and its kernel turned by 180°: [I/block][O/block][kH][kW][block of O][block of I]. */
function nchwcRotated(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = knownShape(w);
  const positions = height * width;
  const filters = b.op("Reshape", [w, b.constant([out, channels, positions, 1])]);
  const split = b.constant([out * (channels / block), positions, block]);
  const blocks = b.op("Reshape", [b.op("ReorderInput", [filters]), split]);
  const last = Array.from({ length: positions }, (_, position) => positions - 1 - position);
  const turned = b.op("Gather", [blocks, b.constant(last)], { axis: 1 });
  const sides = b.op("Reshape", [
    turned,
    b.constant([out / block, block, channels / block, positions, block]),
  ]);
  const moved = b.op("Transpose", [sides], { perm: [2, 0, 3, 1, 4] });
  return b.op("Reshape", [moved, b.constant([channels, out, height, width])]);
}

/**
 * Stored weights times one factor per filter [O,1,1,1] that the graph computes. In NCHWc, filters lie like the channels of a map of
 * I·kH·kW pixels do, so a depthwise convolution multiplies them, faster than a broadcasting `Mul`.
 */
export function nchwcProduct(b: GraphBuilder, weight: StoredValue, factor: Value, block: number): Value {
  const { tensor } = weight;
  const [out, ...others] = tensor.shape;
  const pixels = sizeOf(others);
  const map = nchwcStored(weight, block, [1, out, pixels, 1]);
  const scaled = b.op("NchwcConv", [map, factor], { kernel_shape: [1, 1], group: out });
  return b.op("Reshape", [scaled, b.constant(tensor.shape)]);
}
