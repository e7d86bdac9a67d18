import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { checkWindow, convAttributes, windowDim } from "./conv-shape.ts";
import { count, knownDim, multipleOf, ofMacs, ofRank, sameDim, sameDType } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Conv.html, two-dimensional: X [N,C,H,W], W [M,C/group,kH,kW], B [M]. */
export const Conv = operator({
  kind: "convolution",
  attributes: convAttributes,
  arity: [2, 3],
  infer(inputs, attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    const w = ofRank(inputs, 1, 4, "out×(in/group)×kH×kW", what);
    checkWindow(attrs, what);
    const [n, , height, width] = x.shape;
    const [channels, filters] = [knownDim(x.shape, 1, what), knownDim(w.shape, 0, what)];
    const [, perGroup, kernelHeight, kernelWidth] = w.shape;
    multipleOf(attrs.group, channels, "channels", what);
    multipleOf(attrs.group, filters, "filters", what);
    sameDim(channels / attrs.group, perGroup, "channels / group must equal the weight's inputs", what);
    sameDim(attrs.kernel_shape[0], kernelHeight, "kernel_shape must equal the weight's height", what);
    sameDim(attrs.kernel_shape[1], kernelWidth, "kernel_shape must equal the weight's width", what);
    if (inputs[2]) sameDim(inputs[2].shape[0], filters, "bias must have one number per filter", what);
    const shape = [n, filters, windowDim(height, 0, attrs, what), windowDim(width, 1, attrs, what)];
    return [{ dtype: sameDType(inputs, what), shape }];
  },
  vjp({ b, inputs: [x, w, bias], attrs, grad, needs }) {
    return [
      needs[0] ? b.op("ConvGradInput", [grad, w], { ...attrs, input_shape: knownShape(x) }) : null,
      needs[1] ? b.op("ConvGradWeight", [x, grad], attrs) : null,
      ...(bias ? [needs[2] ? b.op("ReduceSum", [grad, b.constant([0, 2, 3])], { keepdims: 0 }) : null] : []),
    ];
  },
  cost: ([, w, bias], [y]) => ofMacs((count(y) * count(w)) / Number(w?.[0]), bias ? count(y) : 0),
});
