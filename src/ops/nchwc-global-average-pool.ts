import { nonDifferentiable, operator } from "../ir/operator.ts";
import { GlobalAveragePool } from "./global-average-pool.ts";

/** ONNX Runtime's own `GlobalAveragePool` of a map stored in blocks of channels; the output has the same order either way. @see NchwcConv */
export const NchwcGlobalAveragePool = operator({
  ...GlobalAveragePool,
  domain: "com.microsoft.nchwc",
  type: "GlobalAveragePool",
  vjp: nonDifferentiable("NCHWc layouts appear only in lowered graphs"),
});
