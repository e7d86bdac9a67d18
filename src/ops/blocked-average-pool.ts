import { nonDifferentiable, operator } from "../ir/operator.ts";
import { GlobalAveragePool } from "./global-average-pool.ts";

/** ONNX Runtime's own `GlobalAveragePool` on a map in blocks of channels; the stated shape is the plain one. @see BlockedConv */
export const BlockedAveragePool = operator({
  domain: "com.microsoft.nchwc",
  type: "GlobalAveragePool",
  attributes: {},
  arity: [1, 1],
  infer: GlobalAveragePool.infer,
  vjp: nonDifferentiable("blocked layouts appear only in lowered graphs"),
  cost: GlobalAveragePool.cost,
});
