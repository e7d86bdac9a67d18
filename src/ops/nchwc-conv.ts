import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { Conv } from "./conv.ts";
import { convAttributes } from "./conv-shape.ts";

/**
 * ONNX Runtime's own `Conv` on maps stored in blocks of channels, [N][C/block][H][W][block], and weights
 * [O/block][I/block][kH][kW][block of I][block of O]; with fewer input channels than a block, or one for each group, the map of a
 * plain layout or of blocks, and weights [O/block][I][kH][kW][block of O]. A bias, a map that is added and an activation may follow:
 * activation(conv + bias + sum). The shapes it states are the plain ones. Internal to the engine: how
 * many channels make a block depends on the processor, and a file with this operator runs only where it was made.
 */
export const NchwcConv = operator({
  domain: "com.microsoft.nchwc",
  type: "Conv",
  kind: "convolution",
  attributes: {
    ...convAttributes,
    /** `Relu`, `Sigmoid` or `Tanh`; empty: none. */
    activation: attr.string(""),
  },
  arity: [2, 4],
  infer: (inputs, attrs, what) => Conv.infer(inputs.slice(0, 3), attrs, what),
  vjp: nonDifferentiable("NCHWc convolutions appear only in lowered graphs"),
  cost: (inputs, outputs, attrs) => Conv.cost(inputs, outputs, attrs),
});
