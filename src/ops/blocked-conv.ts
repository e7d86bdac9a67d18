import { nonDifferentiable, operator } from "../ir/operator.ts";
import { Conv } from "./conv.ts";

/**
 * ONNX Runtime's own `Conv` on maps stored in blocks of channels, [N][C/block][H][W][block], and weights
 * [O/block][I/block][kH][kW][block of I][block of O]. The shapes it states are the plain ones. Internal to the engine: how many
 * channels make a block depends on the processor, and a file with this operator runs only where it was made.
 */
export const BlockedConv = operator({
  domain: "com.microsoft.nchwc",
  type: "Conv",
  attributes: Conv.attributes,
  arity: [2, 2],
  infer: Conv.infer,
  vjp: nonDifferentiable("blocked convolutions appear only in lowered graphs"),
  cost: Conv.cost,
});
