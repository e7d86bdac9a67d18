import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { perChannel } from "./batch-norm-shape.ts";
import { normalize, normalizeGrad } from "./normalization-grad.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html: each channel of each image by its own statistics. */
export const InstanceNormalization = operator({
  kind: "normalization",
  attributes: { epsilon: attr.float(1e-5) },
  arity: [3, 3],
  infer(inputs, _attrs, what) {
    perChannel(inputs, what);
    return likeFirst(inputs, {}, what);
  },
  vjp({ b, inputs: [x, scale], attrs: { epsilon }, grad }) {
    const pixels = x.shape.map((_, axis) => axis).slice(2);
    const others = b.constant([0, ...pixels]);
    const normalized = normalize(b, x, pixels, epsilon);
    const channels = b.constant(x.shape.map((dim, axis) => (axis === 1 ? Number(dim) : 1)));
    const scaled = b.op("Mul", [grad, b.op("Reshape", [scale, channels])]);
    const total = (values: typeof x) => b.op("ReduceSum", [values, others], { keepdims: 0 });
    return [
      normalizeGrad(b, scaled, normalized, pixels),
      total(b.op("Mul", [grad, normalized.normal])),
      total(grad),
    ];
  },
  cost: perOutput(8),
});
