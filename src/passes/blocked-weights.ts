import type { GraphBuilder } from "../ir/builder.ts";
import { Value } from "../ir/graph.ts";
import { lazyTensor, type Tensor } from "../ir/tensor.ts";

/**
 * Stored weights [O,I/group,kH,kW] in blocks, in the order that `BlockedConv` reads, their stated shape unchanged unless `shape` gives another:
 * [O/block][I/block][kH][kW][block of I][block of O], or [O/block][I][kH][kW][block of O] where `I/group` is no multiple of a block.
 */
export function blockedStored(
  weight: Value,
  tensor: Tensor,
  block: number,
  shape: readonly number[] = tensor.shape,
): Value {
  const content = lazyTensor(shape, () => reordered(tensor, block));
  const name = weight.name && `${weight.name}.blocked${block}`;
  return new Value(weight.role, weight.dtype, shape, { name, tensor: content });
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
      for (let tap = 0; tap < area; tap++) {
        for (let i = 0; i < inner; i++) {
          for (let o = 0; o < block; o++) {
            result[to++] = data[((filter + o) * channels + channel + i) * area + tap];
          }
        }
      }
    }
  }
  return result;
}

/** Weights that the graph computes, put into blocks in the graph: as `blockedStored`, whole blocks on both sides. */
export function blockedComputed(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = w.shape as number[];
  const split = b.constant([out / block, block, channels / block, block, height, width]);
  const blocks = b.op("Transpose", [b.op("Reshape", [w, split])], { perm: [0, 2, 4, 5, 3, 1] });
  return b.op("Reshape", [blocks, b.constant([out, channels, height, width])]);
}

/**
 * Stored weights times one factor a filter [O,1,1,1] that the graph computes. In blocks, filters lie as the channels of a map of
 * I·kH·kW pixels do, so a convolution of each channel alone multiplies them, faster than a `Mul` that has to broadcast.
 */
export function blockedProduct(
  b: GraphBuilder,
  weight: Value,
  tensor: Tensor,
  factor: Value,
  block: number,
): Value {
  const [out, ...others] = tensor.shape;
  const pixels = others.reduce((product, dim) => product * dim, 1);
  const map = blockedStored(weight, tensor, block, [1, out, pixels, 1]);
  const scaled = b.op("BlockedConv", [map, factor], { kernel_shape: [1, 1], group: out });
  return b.op("Reshape", [scaled, b.constant(tensor.shape)]);
}
