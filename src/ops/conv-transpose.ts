import { attr, nonDifferentiable, operator } from "../ir/operator.ts";
import { convAttributes } from "./conv-shape.ts";
import { count, ofRank } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ConvTranspose.html, two-dimensional: X [N,C,H,W], W [C,M/group,kH,kW]. */
export const ConvTranspose = operator({
  domain: "",
  attributes: { ...convAttributes, output_padding: attr.ints([0, 0]) },
  arity: [2, 2],
  infer(inputs, attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    const w = ofRank(inputs, 1, 4, "in×(out/group)×kH×kW", what);
    const size = (axis: 0 | 1) =>
      attrs.strides[axis] * (Number(x.shape[axis + 2]) - 1) +
      attrs.output_padding[axis] +
      attrs.dilations[axis] * (attrs.kernel_shape[axis] - 1) +
      1 -
      attrs.pads[axis] -
      attrs.pads[axis + 2];
    return [{ dtype: x.dtype, shape: [x.shape[0], Number(w.shape[1]) * attrs.group, size(0), size(1)] }];
  },
  vjp: nonDifferentiable("ConvTranspose is used only inside gradients"),
  cost([x, w]) {
    const macs = (count(x) * count(w)) / Number(w?.[0]);
    return { macs, flops: 2 * macs };
  },
});
