import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { perChannel } from "./batch-norm-shape.ts";
import { likeFirst, perOutput } from "./shared.ts";

/**
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html in inference mode:
 * scale·(X − mean)/√(var + epsilon) + bias, by channel (axis 1).
 */
export const BatchNormalization = operator({
  kind: "normalization",
  attributes: { epsilon: attr.float(1e-5), momentum: attr.float(0.9), training_mode: attr.int(0) },
  arity: [5, 5],
  infer(inputs, _attrs, what) {
    perChannel(inputs, what);
    return likeFirst(inputs, {}, what);
  },
  /** With fixed statistics each element is on its own: dX = dY·scale/σ. */
  vjp({ b, inputs: [x, scale, , mean, variance], attrs, grad, needs }) {
    const sigma = b.op("Sqrt", [b.op("Add", [variance, b.constant(attrs.epsilon)])]);
    const slope = b.op("Div", [scale, sigma]);
    const toBias = needs.slice(1).includes(true) ? channelSums(b, grad) : null;
    const wantsSpread = needs[1] || needs[4];
    const centered = wantsSpread ? b.op("Sub", [x, alongChannels(b, mean, x)]) : null;
    const toSpread = centered && channelSums(b, b.op("Mul", [grad, centered]));
    const ofVariance = () => b.op("Div", [slope, b.op("Mul", [sigma, sigma])]);
    return [
      needs[0] ? b.op("Mul", [grad, alongChannels(b, slope, x)]) : null,
      needs[1] && toSpread ? b.op("Div", [toSpread, sigma]) : null,
      toBias,
      needs[3] && toBias ? b.op("Neg", [b.op("Mul", [toBias, slope])]) : null,
      needs[4] && toSpread ? b.op("Mul", [b.op("Mul", [toSpread, ofVariance()]), b.constant(-0.5)]) : null,
    ];
  },
  cost: perOutput(2),
});

/** One number per channel, shaped to be combined with x. */
function alongChannels(b: GraphBuilder, vector: Value, x: Value): Value {
  return b.op("Reshape", [vector, b.constant([-1, ...x.shape.slice(2).map(() => 1)])]);
}

function channelSums(b: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return b.op("ReduceSum", [x, b.constant(axes)], { keepdims: 0 });
}
