import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Clip.html; `min` and `max` are optional scalar inputs, here of constants. */
export const Clip = operator({
  ...elementWise("activation", 2),
  arity: [1, 3],
  vjp({ b, inputs: [, ...bounds], outputs: [y], grad }) {
    // No gradient where y lies on a bound, as in PyTorch's ReLU6.
    const [low, high] = bounds;
    const aboveLow = low ? b.op("ReluGrad", [grad, b.op("Sub", [y, low])]) : grad;
    const within = high ? b.op("ReluGrad", [aboveLow, b.op("Sub", [high, y])]) : aboveLow;
    return [within, ...bounds.map(() => null)];
  },
});
