import { checkOptions } from "../base/check-options.ts";
import { nearest, SenetError } from "../base/errors.ts";
import type { Graph, Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { isQuantization } from "../ops/predicates.ts";
import { foldBatchNorm } from "../passes/inference/fold-batch-norm.ts";
import { globalPools } from "../passes/inference/global-pools.ts";
import { insertQuantization } from "../passes/quantization/insert-quantization.ts";
import { planQuantization, valuesToObserve } from "../passes/quantization/quantization-plan.ts";
import { calibrationMethods } from "./calibration-methods.ts";
import { chooseFloatLayers } from "./choose-float-layers-node.ts";
import { chooseRange } from "./choose-range.ts";
import { nameOf, nodesNamed } from "./keep-float.ts";
import { layerErrors } from "./layer-errors-node.ts";
import { observeHistograms } from "./observe-node.ts";
import type { Quantized, QuantizeOptions } from "./quantize-options.ts";

/** Images for comparisons layer by layer and repeated trials. */
const TRIAL_IMAGES = 16;

/**
 * An image network in 8-bit integers (post-training static quantization): unsigned activations with one scale each, signed weights
 * with a scale a channel, biases in 32 bits, in ONNX's QDQ form, which every ONNX engine runs and ONNX Runtime runs with integer
 * arithmetic. BatchNormalization is folded first.
 *
 * @param graph float32, with one input
 * @param batches images prepared for the network, float32 [N,C,H,W] (N as the network fixes it): a hundred images like
 * those of its use
 * @throws SenetError `graph` for a network that is quantized already or has no layer to quantize; `data` for no images, or NaN and
 * infinity in a tensor, which it names; `unknown-name` for a method or names in `keepFloat`; `usage` for a percentile
 * out of range
 * @example
 * const { graph, layers } = await quantize(readOnnx(bytes), [images], { keepFloat: ["first"] });
 * await writeFile("int8.onnx", writeOnnx(graph));
 */
export async function quantize(
  graph: Graph,
  batches: readonly Tensor[],
  options: QuantizeOptions = {},
): Promise<Quantized> {
  checkOptions("quantize", options, [
    ...(["method", "percentile", "reduceRange", "keepFloat"] as const),
    ...(["goal", "threads", "onProgress"] as const),
  ]);
  const { method = "mse", percentile = 99.99, reduceRange, keepFloat = [], goal } = options;
  const { threads, onProgress } = options;
  if (!calibrationMethods.includes(method)) {
    throw new SenetError(
      "unknown-name",
      `quantize: method "${method}" is not known${nearest(method, calibrationMethods)}; choose from ${calibrationMethods.join(", ")}.`,
    );
  }
  if (!(percentile > 50 && percentile <= 100)) {
    throw new SenetError(
      "usage",
      `quantize: expected a percentile above 50 and at most 100, found ${percentile}; correct it.`,
    );
  }
  if (batches.length === 0) {
    throw new SenetError("data", "quantize: expected at least one batch of images, found none; give some.");
  }
  const float = prepare(graph);
  const kept = nodesNamed(float, keepFloat);
  const observed = valuesToObserve(planQuantization(float));
  const histograms = await observeHistograms(float, observed, batches, threads, (done, total) =>
    onProgress?.({ what: "calibrating", done, total }),
  );
  const ranges = new Map(
    [...histograms].map(([value, found]) => [value, chooseRange(found, { method, percentile })]),
  );
  const make = (nodes: ReadonlySet<Node>) => {
    const plan = planQuantization(float, nodes);
    return { plan, ...insertQuantization(float, plan, ranges, { reduceRange }) };
  };
  const trial = batches.slice(0, Math.max(1, Math.ceil(TRIAL_IMAGES / batches[0].shape[0])));
  const found =
    goal && (await chooseFloatLayers(float, kept, (nodes) => make(nodes).graph, trial, goal, options));
  const made = make(found?.layers ?? kept);
  return {
    graph: made.graph,
    layers: await layerErrors(float, made, made.plan.integer, trial, threads),
    float: [...made.plan.float].map(([node, why]) => ({ name: nameOf(node), op: node.op, why })),
    integerNodes: made.plan.integer.size,
    accuracy: found?.accuracy,
  };
}

/** The network in the form in which it is quantized. */
function prepare(graph: Graph): Graph {
  if (graph.nodes.some(isQuantization)) {
    throw new SenetError(
      "graph",
      `${graph.name}: expected a float32 network, found one that is quantized already; give the one it was made from.`,
    );
  }
  const float = globalPools(foldBatchNorm(graph).graph).graph;
  if (planQuantization(float).integer.size > 0) return float;
  throw new SenetError(
    "graph",
    `${graph.name}: expected a convolution or matrix product with constant float32 weights, found none; there is nothing to quantize.`,
  );
}
