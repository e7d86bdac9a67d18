import { operator } from "../ir/operator.ts";
import { broadcastShapes, formatShape } from "../ir/shape.ts";
import { perOutput, required, sameDim } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__PRelu.html: x, or slope·x below 0; the slope broadcasts to x. He et al., arXiv 1502.01852. */
export const PRelu = operator({
  kind: "activation",
  mapping: "element-wise",
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    const joint = broadcastShapes(x.shape, required(inputs, 1, what).shape, what);
    sameDim(formatShape(joint), formatShape(x.shape), "the slope must not be larger than the input", what);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  // Below 0 the slope, above 1; the slope's own gradient is what lies below 0.
  vjp({ b, inputs: [x, slope], grad, needs }) {
    const above = b.op("ReluGrad", [grad, x]);
    const dx = needs[0] ? b.op("Add", [above, b.op("Mul", [b.op("Sub", [grad, above]), slope])]) : null;
    const below = needs[1] ? b.op("Sub", [x, b.op("Relu", [x])]) : null;
    return [dx, below && b.op("Mul", [grad, below])];
  },
  cost: perOutput(2),
});
