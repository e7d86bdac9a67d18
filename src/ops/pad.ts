import { SenetError } from "../base/errors.ts";
import { operator } from "../ir/operator.ts";
import { formatShape } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { constantNumbers, copying, knownDim, required, sameDim } from "./shared.ts";

const MODES = ["constant", "reflect", "edge"];

/**
 * https://onnx.ai/onnx/operators/onnx__Pad.html: data, pads (all begins, then all ends; negative ones crop), fill (default 0).
 * `mode` is `constant`, `reflect` (without the edge) or `edge`.
 */
export const Pad = operator({
  ...copying,
  attributes: { mode: attr.string("constant") },
  arity: [2, 3],
  infer(inputs, { mode }, what) {
    if (!MODES.includes(mode)) {
      throw new SenetError(
        "shape",
        `${what}: expected mode ${MODES.join(", ")}, found "${mode}"; take one of these.`,
      );
    }
    const x = required(inputs, 0, what);
    const pads = constantNumbers(inputs, 1, "pads", what);
    const rank = x.shape.length;
    sameDim(pads.length, 2 * rank, "pads must hold two numbers per axis", what);
    const shape = x.shape.map((dim, axis) => {
      const added = pads[axis] + pads[axis + rank];
      return added === 0 ? dim : knownDim(x.shape, axis, what) + added;
    });
    if (shape.some((dim) => Number(dim) < 0)) {
      throw new SenetError(
        "shape",
        `${what}: expected pads that crop no more than there is of ${formatShape(x.shape)}, found ${pads.join(", ")}; crop less.`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp({ b, inputs: [, pads, ...fill], attrs: { mode }, grad }) {
    if (mode !== "constant") {
      throw new SenetError(
        "gradient",
        `Pad: the gradient is written for mode constant only, found ${mode}; pad with a constant.`,
      );
    }
    const opposite = Array.from(pads.tensor?.data ?? [], Number).map((pad) => -pad);
    return [b.op("Pad", [grad, b.constant(opposite)]), null, ...fill.map(() => null)];
  },
});
