import { attr, nonDifferentiable, operator } from "../ir/operator.ts";
import { Conv } from "./conv.ts";

/**
 * ONNX Runtime's own `Conv` on maps stored in blocks of channels, [N][C/block][H][W][block], and weights
 * [O/block][I/block][kH][kW][block of I][block of O], or [C/block][kH][kW][block] where every channel is a group of its own.
 * The shapes it states are the plain ones. Inputs X, W, bias and a Sum of the output's shape that is added before the activation
 * ("Relu", or "" for none). Internal to the engine: how many channels make a block depends on the processor, and a file with
 * this operator runs only where it was made.
 */
export const BlockedConv = operator({
  domain: "com.microsoft.nchwc",
  type: "Conv",
  attributes: { ...Conv.attributes, activation: attr.string("") },
  arity: [2, 4],
  infer: (inputs, attrs, what) => Conv.infer(inputs.slice(0, 3), attrs, what),
  vjp: nonDifferentiable("blocked convolutions appear only in lowered graphs"),
  cost: (inputs, outputs, attrs) => Conv.cost(inputs.slice(0, 3), outputs, attrs),
});
