import { SenetError } from "../base/errors.ts";
import { operator } from "../ir/operator.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { scalar } from "../ir/tensor.ts";
import { perOutput, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Where.html: elements of the second input where the condition holds, else of the third. */
export const Where = operator({
  kind: "other",
  arity: [3, 3],
  infer(inputs, _attrs, what) {
    const [condition, x, y] = [0, 1, 2].map((i) => required(inputs, i, what));
    if (condition.dtype !== "bool" || x.dtype !== y.dtype) {
      throw new SenetError(
        "shape",
        `${what}: expected a condition of bool and two inputs of one dtype, found ${condition.dtype}, ${x.dtype} and ${y.dtype}; cast them.`,
      );
    }
    const shape = broadcastShapes(condition.shape, broadcastShapes(x.shape, y.shape, what), what);
    return [{ dtype: x.dtype, shape }];
  },
  vjp({ b, inputs: [condition, x], grad, needs }) {
    const zero = b.constant(scalar(0, x.dtype));
    return [
      null,
      needs[1] ? b.op("Where", [condition, grad, zero]) : null,
      needs[2] ? b.op("Where", [condition, zero, grad]) : null,
    ];
  },
  cost: perOutput(1),
});
