import { roundHalfToEven } from "../base/round.ts";
import type { Attrs } from "../ir/graph.ts";
import { input, numberAttr, optionalInput } from "./arguments.ts";
import { at, positiveAxis, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

/**
 * ONNX QuantizeLinear: round(x / scale) + zero point, half to even. Clipping to the type of the result is left to `evaluate`, which
 * knows that type.
 */
export const quantizeLinear: ReferenceFunction = (inputs, attrs) => {
  const [x, scale, zero] = operands(inputs, attrs);
  return [tabulate(x.shape, (index) => roundHalfToEven(at(x, index) / scale(index)) + zero(index))];
};

/** ONNX DequantizeLinear: (x − zero point) · scale. */
export const dequantizeLinear: ReferenceFunction = (inputs, attrs) => {
  const [x, scale, zero] = operands(inputs, attrs);
  return [tabulate(x.shape, (index) => (at(x, index) - zero(index)) * scale(index))];
};

type Lookup = (index: readonly number[]) => number;

/** The input, its scale and its zero point (0 where there is none), the latter two by index of the input. */
function operands(
  inputs: readonly (RefTensor | null)[],
  attrs: Attrs,
): [x: RefTensor, scale: Lookup, zero: Lookup] {
  const x = input(inputs, 0);
  const axis = numberAttr(attrs, "axis", 1);
  const lookup = ({ data }: RefTensor): Lookup => {
    if (data.length === 1) return () => data[0];
    const channel = positiveAxis(axis, x.shape.length);
    return (index) => data[index[channel]];
  };
  const zero = optionalInput(inputs, 2);
  return [x, lookup(input(inputs, 1)), zero ? lookup(zero) : () => 0];
}
