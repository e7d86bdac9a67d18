import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__HardSwish.html: x · clip(x/6 + 1/2, 0, 1). */
export const HardSwish = operator({
  ...elementWise("activation", 5),
  vjp({ b, inputs: [x], grad }) {
    // d(x·g) = g + x·g′
    const alpha = 1 / 6;
    const gate = b.op("HardSigmoid", [x], { alpha, beta: 0.5 });
    const slope = b.op("HardSigmoidGrad", [b.op("Mul", [grad, x]), gate], { alpha });
    return [b.op("Add", [b.op("Mul", [grad, gate]), slope])];
  },
});
