import { nonDifferentiable, operator } from "../ir/operator.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { count, matrices, ofMacs, sameDim } from "./shared.ts";

/** ONNX Runtime's `com.microsoft.FusedMatMul`: MatMul whose factors may be read transposed, scaled by alpha. */
export const FusedMatMul = operator({
  domain: "com.microsoft",
  kind: "linear",
  attributes: { alpha: attr.float(1), transA: attr.int(0), transB: attr.int(0) },
  arity: [2, 2],
  infer(inputs, { transA, transB }, what) {
    const [x, y] = matrices(inputs, what);
    const [rows, inner] = transA ? [x.shape.at(-1), x.shape.at(-2)] : [x.shape.at(-2), x.shape.at(-1)];
    const [innerY, columns] = transB ? [y.shape.at(-1), y.shape.at(-2)] : [y.shape.at(-2), y.shape.at(-1)];
    sameDim(inner ?? 1, innerY ?? 1, "the inner dimensions must agree", what);
    const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2), what);
    return [{ dtype: x.dtype, shape: [...batch, rows ?? 1, columns ?? 1] }];
  },
  vjp: nonDifferentiable("FusedMatMul appears only in lowered graphs"),
  cost: ([x], [y], { transA }) => ofMacs(count(y) * Number(transA ? x?.at(-2) : x?.at(-1))),
});
