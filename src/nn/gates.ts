import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { hardSigmoid, relu, sigmoid } from "./activations.ts";
import type { Gate } from "./se-names.ts";

/** Where a block begins that must not change its network: with weights of zero in the last layer every gate is one constant. */
export interface NeutralGate {
  /** The last layer's biases, with which the gate is not zero and has a gradient. */
  readonly bias: number;
  readonly gate: number;
}

/** One way to turn excitations [N,C,h,w] into factors of the same shape. */
interface GateRule {
  apply(b: GraphBuilder, excitation: Value): Value;
  readonly neutral: NeutralGate;
}

/**
 * What may turn an excitation into a gate: the sigmoid of the paper and its piecewise linear substitute, the alternatives of the paper's
 * Table 12 (ReLU, tanh), and softmax over the channels, times their number, so that its mean is 1.
 */
export const gates: Readonly<Record<Gate, GateRule>> = {
  sigmoid: { apply: sigmoid, neutral: { bias: 0, gate: 0.5 } },
  "hard-sigmoid": { apply: hardSigmoid, neutral: { bias: 0, gate: 0.5 } },
  tanh: { apply: (b, x) => b.op("Tanh", [x]), neutral: { bias: 1, gate: Math.tanh(1) } },
  relu: { apply: relu, neutral: { bias: 1, gate: 1 } },
  softmax: { apply: scaledSoftmax, neutral: { bias: 0, gate: 1 } },
};

function scaledSoftmax(b: GraphBuilder, x: Value): Value {
  const channels = knownDim(x.shape, 1, `Softmax in ${b.path()}`);
  return b.op("Mul", [b.op("Softmax", [x], { axis: 1 }), b.constant(channels)]);
}
