import { SenetError } from "../base/errors.ts";
import { operator } from "../ir/operator.ts";
import { broadcastShapes, formatShape } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { count, ofMacs, ofRank, sameDim, sameDType } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Gemm.html: A·B + C. A fully connected layer is Gemm with transB, B as PyTorch's [out, in]. */
export const Gemm = operator({
  kind: "linear",
  attributes: { alpha: attr.float(1), beta: attr.float(1), transA: attr.int(0), transB: attr.int(0) },
  arity: [2, 3],
  infer(inputs, { transA, transB }, what) {
    const a = ofRank(inputs, 0, 2, "rows×columns", what);
    const w = ofRank(inputs, 1, 2, "rows×columns", what);
    const [rows, inner] = transA ? [a.shape[1], a.shape[0]] : a.shape;
    const [innerW, columns] = transB ? [w.shape[1], w.shape[0]] : w.shape;
    sameDim(inner, innerW, "the inner dimensions must agree", what);
    const shape = [rows, columns];
    if (inputs[2]) {
      const joint = broadcastShapes(inputs[2].shape, shape, `${what}: C and the product`);
      sameDim(formatShape(joint), formatShape(shape), "C must not be larger than the product", what);
    }
    return [{ dtype: sameDType(inputs, what), shape }];
  },
  vjp({ b, inputs: [x, w, c], attrs, grad, needs }) {
    if (attrs.transA || attrs.alpha !== 1 || attrs.beta !== 1) {
      throw new SenetError(
        "gradient",
        "Gemm: the gradient is written for transA = 0, alpha = beta = 1 only; write the product so.",
      );
    }
    const dx = needs[0] ? b.op("Gemm", [grad, w], { transB: attrs.transB ? 0 : 1 }) : null;
    const [left, right] = attrs.transB ? [grad, x] : [x, grad];
    const dw = needs[1] ? b.op("Gemm", [left, right], { transA: 1 }) : null;
    return c ? [dx, dw, grad] : [dx, dw];
  },
  cost: ([a, , c], [y], { transA }) => ofMacs(count(y) * Number(transA ? a?.[0] : a?.[1]), c ? count(y) : 0),
});
