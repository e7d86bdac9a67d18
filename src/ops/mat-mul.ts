import type { Value } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { count, matrices, ofMacs, sameDim, sameDType } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__MatMul.html: products of the last two axes, the others broadcast. */
export const MatMul = operator({
  kind: "linear",
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const [x, y] = matrices(inputs, what);
    sameDim(x.shape.at(-1) ?? 1, y.shape.at(-2) ?? 1, "the inner dimensions must agree", what);
    const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2), what);
    return [{ dtype: sameDType(inputs, what), shape: [...batch, x.shape.at(-2) ?? 1, y.shape.at(-1) ?? 1] }];
  },
  vjp({ b, inputs: [x, y], grad, needs }) {
    const transposed = (value: Value) => {
      const axes = value.shape.map((_, axis) => axis);
      return b.op("Transpose", [value], { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] });
    };
    return [
      needs[0] ? b.op("MatMul", [grad, transposed(y)]) : null,
      needs[1] ? b.op("MatMul", [transposed(x), grad]) : null,
    ];
  },
  cost: ([x], [y]) => ofMacs(count(y) * Number(x?.at(-1))),
});
