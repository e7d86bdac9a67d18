import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, type Node, Value } from "../../ir/graph.ts";
import { lazyTensor } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isOp, isView, type NodeOf } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import type { Rewritten, SkippedPlace } from "../graph/rewrite.ts";
import { matchSE, type SEBlock } from "../se/match-se.ts";
import { borderSums } from "./border-sums.ts";
import {
  type ConvWeights,
  type EarlyWeights,
  earlyWeights,
  type LayerWeights,
  weightsOfLayer,
} from "./early-weights.ts";

/** Options of `earlySqueeze`. */
export interface EarlySqueezeOptions {
  /**
   * Whether to include padded 3×3 convolutions, whose mean takes a dozen small nodes: less arithmetic, but on
   * most machines more time. Default true.
   */
  readonly padded?: boolean;
}

/** What is computed early: `layer`, the first of the excitation, from the mean of the input of `conv`. */
interface Plan {
  readonly conv: NodeOf<"Conv">;
  readonly layer: Node;
  readonly convWeights: ConvWeights;
  readonly layerWeights: LayerWeights;
}

/**
 * Lets SE blocks squeeze the input of the convolution before them instead of its output. Where nothing but that convolution
 * stands between, mean(W∗h + b) = W·mean(h) + b, so the excitation's first layer W₁ becomes W₁·W, a small matrix made here once,
 * and reads the mean of h, in a bottleneck a quarter of the channels. The gate then no longer waits for the convolution. A padded
 * 3×3 convolution gives a mean that follows from h's mean and those of its border rows, border columns and corners.
 *
 * The products are computed in float64. BatchNormalization in between must be folded first (`foldBatchNorm`).
 *
 * @example earlySqueeze(foldBatchNorm(createModel("seresnet50")).graph).applied // ["layer1.0.se", …], 16 of them
 */
export function earlySqueeze(graph: Graph, { padded = true }: EarlySqueezeOptions = {}): Rewritten {
  const uses = usesOf(graph);
  const plans = new Map<Node, Plan>();
  const applied: string[] = [];
  const skipped: SkippedPlace[] = [];
  for (const block of matchSE(graph)) {
    const where = block.path || "SE block";
    const plan = planFor(block, uses, padded);
    if (typeof plan === "string") skipped.push({ where, why: plan });
    else {
      plans.set(plan.layer, plan);
      applied.push(where);
    }
  }
  if (applied.length === 0) return { graph, applied, skipped };
  const convs = new Set<Node>([...plans.values()].map(({ conv }) => conv));
  const sources = new Map<Node, Value>();
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      if (convs.has(node) && inputs[0]) sources.set(node, inputs[0]);
      const plan = plans.get(node);
      const source = plan && sources.get(plan.conv);
      return source ? [earlyLayer(b, plan, source)] : undefined;
    },
  });
  return { graph: removeDeadNodes(rebuilt), applied, skipped };
}

/** What to do with a block, or why nothing, as a sentence without its full stop. */
function planFor({ squeeze, input }: SEBlock, uses: Uses, padded: boolean): Plan | string {
  if (!squeeze) return "it has no squeeze, or one of several nodes";
  if (!/Average|Mean/.test(squeeze.op))
    return `its squeeze is ${squeeze.op}, and only a mean passes a convolution`;
  const conv = input.producer;
  if (!isOp(conv, "Conv")) {
    return `${conv?.op ?? "nothing"} stands between the last convolution and the squeeze`;
  }
  const convWeights = fittingConv(conv, uses);
  if (typeof convWeights === "string") return convWeights;
  if (!padded && isPadded(conv)) return "its last convolution is 3×3, whose early mean is left out";
  let layer = uses.onlyReader(squeeze.outputs[0]);
  while (layer && isView(layer)) layer = uses.onlyReader(layer.outputs[0]);
  if (!layer) return "what it squeezes is read by more than one node";
  const layerWeights = weightsOfLayer(layer, convWeights.weight.shape[0], uses);
  if (!layerWeights)
    return `after the squeeze stands ${layer.op}, not a layer of all channels with stored weights and as many biases as outputs`;
  const shared = layer.inputs.slice(1).some((value) => value && uses.readersOf(value).length > 1);
  if (shared) return "the weights of its first layer are used by another layer too";
  return { conv, layer, convWeights, layerWeights };
}

function isPadded({ attrs }: NodeOf<"Conv">): boolean {
  return attrs.kernel_shape[0] > 1;
}

/** The weights of a convolution that the mean passes, or why it does not. */
function fittingConv({ inputs, attrs }: NodeOf<"Conv">, uses: Uses): ConvWeights | string {
  const [x, weight, bias] = inputs;
  if (!uses.isStored(weight) || (bias && !uses.isStored(bias))) {
    return "the weights of its last convolution are not stored in the graph";
  }
  if (!x || weight.dtype !== "float32") return "the weights of its last convolution are not float32";
  if ([...attrs.strides, ...attrs.dilations].some((step) => step !== 1)) {
    return "its last convolution has a stride or a dilation";
  }
  const kernel = attrs.kernel_shape.join("×");
  const pads = new Set(attrs.pads);
  const [pad] = pads;
  if (pads.size > 1 || !((kernel === "1×1" && pad === 0) || (kernel === "3×3" && pad === 1))) {
    return `its last convolution is ${kernel} with padding ${[...pads].join(" and ")}, neither 1×1 without nor 3×3 with 1`;
  }
  if (kernel !== "1×1" && x.shape.slice(1).some((dim) => typeof dim !== "number")) {
    return "the size of the map that its last convolution reads is not known";
  }
  return { weight: weight.tensor, bias: bias?.tensor, group: attrs.group, map: x.shape };
}

/** The excitation's first layer, on the means of the convolution's input. */
function earlyLayer(b: GraphBuilder, { conv, layer, convWeights, layerWeights }: Plan, source: Value): Value {
  const features = isPadded(conv) ? borderSums(b, source) : b.op("GlobalAveragePool", [source]);
  const [, weight, bias] = layer.inputs;
  const { rows } = layerWeights;
  const width = Number(features.shape[1]);
  let made: EarlyWeights | undefined;
  const content = () => {
    made ??= earlyWeights(convWeights, layerWeights);
    return made;
  };
  const stored = (old: Value | null | undefined, shape: number[], make: () => Float32Array) =>
    new Value(old?.name === undefined ? "constant" : old.role, "float32", shape, {
      name: old?.name,
      tensor: lazyTensor(shape, make),
    });
  const early = b.op(
    "Conv",
    [
      features,
      stored(weight, [rows, width, 1, 1], () => content().matrix),
      stored(bias, [rows], () => content().bias),
    ],
    { kernel_shape: [1, 1] },
  );
  const { shape } = layer.outputs[0];
  if (shape.length === 4) return early;
  return b.op("Reshape", [early, b.constant([0, ...shape.slice(1).map(Number)])]);
}
