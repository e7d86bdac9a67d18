import { SenetError } from "../base/errors.ts";
import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { ofRank, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__LRN.html: local response normalization across channels (AlexNet, the first GoogLeNet). */
export const LRN = operator({
  kind: "normalization",
  attributes: { size: attr.int(), alpha: attr.float(1e-4), beta: attr.float(0.75), bias: attr.float(1) },
  arity: [1, 1],
  infer(inputs, { size }, what) {
    if (size % 2 !== 1) {
      throw new SenetError(
        "shape",
        `${what}: expected an odd size, as engines ask for, found ${size}; take one more or less.`,
      );
    }
    const { dtype, shape } = ofRank(inputs, 0, 4, "N×C×H×W", what);
    return [{ dtype, shape }];
  },
  vjp: nonDifferentiable(
    "no rule is written for local response normalization; train with BatchNorm in its place",
  ),
  cost: (inputs, outputs, { size }) => perOutput(size + 3)(inputs, outputs),
});
