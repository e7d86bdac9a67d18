import { nonDifferentiable, operator } from "../ir/operator.ts";
import { MaxPool } from "./max-pool.ts";

/** ONNX Runtime's own `MaxPool` on maps stored in blocks of channels. @see NchwcConv */
export const NchwcMaxPool = operator({
  ...MaxPool,
  domain: "com.microsoft.nchwc",
  type: "MaxPool",
  vjp: nonDifferentiable("NCHWc layouts appear only in lowered graphs"),
});
