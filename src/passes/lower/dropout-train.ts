import { dtypes } from "../../ir/dtype.ts";
import type { Lowering } from "./types.ts";

/** X · (noise ≥ ratio) / (1 − ratio). */
export const lowerDropoutTrain: Lowering<"DropoutTrain"> = (b, { attrs: { ratio } }, [x, noise]) => {
  const kept = b.op("Cast", [b.op("GreaterOrEqual", [noise, b.constant(ratio)])], {
    to: dtypes.float32.onnx,
  });
  return [b.op("Mul", [b.op("Mul", [x, kept]), b.constant(1 / (1 - ratio))])];
};
