import type { Graph, Node, Value } from "../../ir/graph.ts";
import type { Composite } from "../../ops/index.ts";
import { operatorTable } from "../../ops/new-graph.ts";
import type { NodeOf } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import { lowerAveragePoolGrad } from "./average-pool-grad.ts";
import { lowerBatchNormGrad } from "./batch-norm-grad.ts";
import { lowerBatchNormTrain } from "./batch-norm-train.ts";
import { lowerConvGradInput } from "./conv-grad-input.ts";
import { lowerConvGradWeight } from "./conv-grad-weight.ts";
import { lowerDropoutTrain } from "./dropout-train.ts";
import { lowerHardSigmoidGrad } from "./hard-sigmoid-grad.ts";
import { lowerMaxPoolGrad } from "./max-pool-grad.ts";
import { lowerReluGrad } from "./relu-grad.ts";
import { lowerShakeShake } from "./shake-shake.ts";
import type { Lowering } from "./types.ts";

/** How each composite is written in ONNX operators. */
export const lowerings: { readonly [K in Composite]: Lowering<K> } = {
  AveragePoolGrad: lowerAveragePoolGrad,
  BatchNormGrad: lowerBatchNormGrad,
  BatchNormTrain: lowerBatchNormTrain,
  ConvGradInput: lowerConvGradInput,
  ConvGradWeight: lowerConvGradWeight,
  DropoutTrain: lowerDropoutTrain,
  HardSigmoidGrad: lowerHardSigmoidGrad,
  MaxPoolGrad: lowerMaxPoolGrad,
  ReluGrad: lowerReluGrad,
  ShakeShake: lowerShakeShake,
};

/**
 * Replaces every composite of our own domain by ONNX operators (and ONNX Runtime's `com.microsoft`), so that the engine can run
 * the graph. Shapes must be known where composites stand.
 *
 * @param wanted which of them; by default all
 * @example writeOnnx(lower(composeTrainStep(net, { batch: 32, optimizer: sgd() }).graph))
 */
export function lower(graph: Graph, wanted: (op: Composite) => boolean = () => true): Graph {
  const read = new Set<Value | null>([
    ...graph.nodes.flatMap((node) => node.inputs),
    ...graph.outputs.map((output) => output.value),
  ]);
  const lowered = rebuild(graph, {
    node(b, node, inputs) {
      if (!isComposite(node) || !wanted(node.op)) return undefined;
      const present = inputs.filter((input) => input !== null);
      const used = node.outputs.map((output) => read.has(output));
      const lowering: Lowering = lowerings[node.op];
      return lowering(b, node, present, used);
    },
  });
  return removeDeadNodes(lowered);
}

function isComposite(node: Node): node is NodeOf<Composite> {
  return operatorTable[node.op].domain === "senet";
}
