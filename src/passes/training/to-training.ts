import { SenetError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Node, Value } from "../../ir/graph.ts";
import type { Shape } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { rebuild } from "../graph/rebuild.ts";

/** A graph whose layers behave as in training, and what that adds. */
export interface TrainingGraph {
  readonly graph: Graph;
  /** New value of each running statistic. */
  readonly updates: ReadonlyMap<Value, Value>;
  /** Uniform [0, 1) noise to feed at each step: one input for each dropout, two for each Shake-Shake. */
  readonly noise: readonly Value[];
}

/** Options of `toTraining`. */
export interface ToTrainingOptions {
  /** Weight of the batch in the running statistics (PyTorch's meaning and default). Default 0.1. */
  readonly momentum?: number;
  /** Whether a parameter of this name does not learn. Default: all do. */
  readonly isFrozen?: (name: string) => boolean;
}

/**
 * Turns an inference graph into its training form: BatchNormalization uses the batch's statistics and
 * updates the running ones; Dropout drops; `ShakeMean`, the mean of two branches, becomes a random mixture.
 * All other nodes stay, and so does a BatchNormalization whose scale is frozen.
 *
 * @throws SenetError `graph` for a Dropout that drops everything, or a share that is not known
 * @example toTraining(bindDims(createModel("seresnet20"), { N: 32 })).graph
 */
export function toTraining(graph: Graph, options: ToTrainingOptions = {}): TrainingGraph {
  const { momentum = 0.1, isFrozen = () => false } = options;
  const updates = new Map<Value, Value>();
  const noise: Value[] = [];
  const made = { momentum, updates, noise, uses: usesOf(graph) };
  const training = rebuild(graph, {
    node(b, node, inputs) {
      const stays = node.op === "BatchNormalization" && isFrozen(node.inputs[1]?.name ?? "");
      return stays ? undefined : trainingForm(b, node, inputs, made);
    },
  });
  return { graph: training, updates, noise };
}

/** What is known of the whole graph, and what its training form adds. */
interface Made {
  readonly momentum: number;
  readonly updates: Map<Value, Value>;
  readonly noise: Value[];
  readonly uses: Uses;
}

function trainingForm(
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
  { momentum, updates, noise, uses }: Made,
): readonly Value[] | undefined {
  if (node.op === "BatchNormalization") {
    const [x, scale, bias, mean, variance] = inputs;
    // A layer that is used twice tracks both of its batches, one after the other.
    const tracked = [mean, variance].map((statistic) => (statistic && updates.get(statistic)) ?? statistic);
    const attrs = { epsilon: node.attrs.epsilon, momentum };
    const [y, , , newMean, newVariance] = b.ops("BatchNormTrain", [x, scale, bias, ...tracked], attrs);
    if (mean && variance) updates.set(mean, newMean).set(variance, newVariance);
    return [y];
  }
  const draw = (shape: Shape) => {
    const drawn = b.input(`noise.${noise.length}`, "float32", shape);
    noise.push(drawn);
    return drawn;
  };
  if (node.op === "Dropout") {
    const [x] = inputs;
    if (!x)
      throw new SenetError("graph", `Dropout in ${node.scope}: expected an input, found none; give it one.`);
    return b.ops("DropoutTrain", [x, draw(x.shape)], { ratio: ratioOf(node, uses) });
  }
  if (node.op === "ShakeMean") {
    const shares: Shape = [node.outputs[0].shape[0], 1, 1, 1];
    return b.ops("ShakeShake", [...inputs, draw(shares), draw(shares)]);
  }
  return undefined;
}

/** What share a Dropout drops; ONNX's default is a half. */
function ratioOf({ scope, inputs: [, ratio] }: Node, { isStored }: Uses): number {
  if (!ratio) return 0.5;
  const share = isStored(ratio) && ratio.dtype !== "float16" ? ratio.tensor.data[0] : undefined;
  if (typeof share === "number" && share >= 0 && share < 1) return share;
  throw new SenetError(
    "graph",
    `Dropout in ${scope || "the graph"}: expected a stored ratio from 0 to below 1, found ${share ?? `a ${ratio.role} value of ${ratio.dtype}`}; export the model with another.`,
  );
}
