/**
 * Layers: functions that add nodes to a graph, with parameters under PyTorch's names.
 *
 * @example
 * import { newGraph } from "senet";
 * import { convNorm, globalAveragePool, linear, relu, squeezeExcite } from "senet/nn";
 * const b = newGraph("small");
 * const images = b.input("images", "float32", ["N", 3, 32, 32]);
 * const map = convNorm(b, ["conv1", "bn1"], images, { out: 16, kernel: 3 }, relu);
 * const scaled = squeezeExcite(b, "se", map, { reduction: 4 });
 *
 * @module
 */
export {
  type Activation,
  activationNames,
  hardSigmoid,
  hardSwish,
  relu,
  relu6,
  sigmoid,
  silu,
} from "../nn/activations.ts";
export { batchNorm } from "../nn/batch-norm.ts";
export { type Activate, type ConvNormOptions, convNorm } from "../nn/conv-norm.ts";
export { type Conv2dOptions, conv2d, type Extent } from "../nn/conv2d.ts";
export { dropout } from "../nn/dropout.ts";
export { hiddenWidths, type SEFamily } from "../nn/excitations.ts";
export { linear } from "../nn/linear.ts";
export {
  averagePool,
  globalAveragePool,
  globalMaxPool,
  maxPool,
  type PoolOptions,
} from "../nn/pooling.ts";
export { squeezeExcite } from "../nn/se.ts";
export {
  type Excitation,
  excitationNames,
  type Gate,
  gateNames,
  type Placement,
  placements,
  type Squeeze,
  squeezeNames,
} from "../nn/se-names.ts";
export type { HiddenWidth, SEOptions } from "../nn/se-options.ts";
