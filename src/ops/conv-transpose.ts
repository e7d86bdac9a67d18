import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { checkWindow, convAttributes } from "./conv-shape.ts";
import { count, knownDim, multipleOf, ofMacs, ofRank, sameDim } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ConvTranspose.html, two-dimensional: X [N,C,H,W], W [C,M/group,kH,kW]. */
export const ConvTranspose = operator({
  kind: "convolution",
  attributes: { ...convAttributes, output_padding: attr.ints([0, 0]) },
  arity: [2, 2],
  infer(inputs, attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    const w = ofRank(inputs, 1, 4, "in×(out/group)×kH×kW", what);
    checkWindow(attrs, what);
    sameDim(x.shape[1], w.shape[0], "channels must equal the weight's inputs", what);
    multipleOf(attrs.group, knownDim(w.shape, 0, what), "channels", what);
    sameDim(attrs.kernel_shape[0], w.shape[2], "kernel_shape must equal the weight's height", what);
    sameDim(attrs.kernel_shape[1], w.shape[3], "kernel_shape must equal the weight's width", what);
    const size = (axis: 0 | 1) =>
      attrs.strides[axis] * (knownDim(x.shape, axis + 2, what) - 1) +
      attrs.output_padding[axis] +
      attrs.dilations[axis] * (attrs.kernel_shape[axis] - 1) +
      1 -
      attrs.pads[axis] -
      attrs.pads[axis + 2];
    return [
      { dtype: x.dtype, shape: [x.shape[0], knownDim(w.shape, 1, what) * attrs.group, size(0), size(1)] },
    ];
  },
  vjp: nonDifferentiable("no rule is written for it, as it is used only inside gradients here"),
  cost: ([x, w]) => ofMacs((count(x) * count(w)) / Number(w?.[0])),
});
