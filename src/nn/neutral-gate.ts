import type { Gate } from "./se.ts";

/** What the gates of a block are when the weights of its last layer are zero. */
export interface NeutralGate {
  /** The last layer's biases, with which the gate is not zero and has a gradient. */
  readonly bias: number;
  readonly gate: number;
}

/** Where a block begins that must not change its network: every gate is one constant, whatever the map. */
export function neutralGate(gate: Gate = "sigmoid"): NeutralGate {
  return neutralGates[gate];
}

const neutralGates: Readonly<Record<Gate, NeutralGate>> = {
  sigmoid: { bias: 0, gate: 0.5 },
  "hard-sigmoid": { bias: 0, gate: 0.5 },
};
