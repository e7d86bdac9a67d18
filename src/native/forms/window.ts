import type { Window as Moves } from "../../ops/conv-shape.ts";
import type { Window } from "../binding/dnnl.ts";

/**
 * How a window moves, as oneDNN takes it: the border behind is what the last window reads of it, which is less than the padding where
 * the stride leaves pixels over.
 *
 * @param input sizes [N,C,H,W] of the larger map
 * @param output of the smaller one
 */
export function windowOf(attrs: Moves, input: readonly number[], output: readonly number[]): Window {
  const { kernel_shape, strides, pads, dilations = [1, 1] } = attrs;
  const before = pads.slice(0, 2);
  const after = kernel_shape.map((size, axis) => {
    const extent = dilations[axis] * (size - 1) + 1;
    return (output[axis + 2] - 1) * strides[axis] + extent - input[axis + 2] - before[axis];
  });
  return { strides, dilations, before, after };
}
