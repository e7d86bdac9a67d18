import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { hardSigmoid, relu, sigmoid } from "./activations.ts";
import type { Gate } from "./se-names.ts";

/** One way to turn excitations [N,C,h,w] into factors of the same shape. */
interface GateRule {
  apply(b: GraphBuilder, excitation: Value): Value;
  /**
   * A bias of the last layer at which, with weights of zero, the gate is a constant that is not zero, and that constant. Inserted blocks
   * begin there: they pass gradients, and dividing by the constant leaves the network's function as it was.
   */
  readonly neutral: { readonly bias: number; readonly gate: number };
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
