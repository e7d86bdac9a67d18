import { operator } from "../ir/operator.ts";
import { count, variadic } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Mean.html: the element-wise mean of any number of inputs. */
export const Mean = operator({
  ...variadic("sum"),
  vjp({ b, inputs, grad }) {
    const share = b.op("Mul", [grad, b.constant(1 / inputs.length)]);
    return inputs.map(() => share);
  },
  cost: (inputs, outputs) => ({ macs: 0, flops: inputs.length * count(outputs[0]) }),
});
