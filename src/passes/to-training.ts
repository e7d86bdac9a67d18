import { SenetError } from "../errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/** A graph whose layers behave as in training, and what that adds. */
export interface TrainingGraph {
  readonly graph: Graph;
  /** New value of each running statistic. */
  readonly updates: ReadonlyMap<Value, Value>;
  /** Uniform [0, 1) noise to feed at each step, one input for each dropout. */
  readonly noise: readonly Value[];
}

/**
 * Turns an inference graph into its training form: BatchNormalization uses the batch's statistics and
 * updates the running ones; Dropout drops. All other nodes stay.
 *
 * @param momentum weight of the batch in the running statistics (PyTorch's meaning and default)
 */
export function toTraining(graph: Graph, momentum = 0.1): TrainingGraph {
  const updates = new Map<Value, Value>();
  const noise: Value[] = [];
  const training = rebuild(graph, {
    node: (b, node, inputs) => trainingForm(b, node, inputs, momentum, updates, noise),
  });
  return { graph: training, updates, noise };
}

function trainingForm(
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
  momentum: number,
  updates: Map<Value, Value>,
  noise: Value[],
): readonly Value[] {
  if (node.op === "BatchNormalization") {
    const [, , , mean, variance] = inputs;
    const [y, , , newMean, newVariance] = b.ops("BatchNormTrain", inputs, {
      epsilon: node.attrs.epsilon,
      momentum,
    });
    if (mean && variance) updates.set(mean, newMean).set(variance, newVariance);
    return [y];
  }
  if (node.op === "Dropout") {
    const [x, ratio] = inputs;
    if (!x) throw new SenetError("graph", `Dropout in ${node.scope}: it has no input.`);
    const mask = b.input(`noise.${noise.length}`, "float32", x.shape);
    noise.push(mask);
    return b.ops("DropoutTrain", [x, mask], { ratio: Number(ratio?.tensor?.data[0] ?? 0.5) });
  }
  return b.ops(node.op, inputs, node.attrs);
}
