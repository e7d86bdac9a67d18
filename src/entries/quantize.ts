/**
 * 8-bit integers after training, in Node.
 *
 * @example
 * import { readOnnxFile, type Tensor } from "senet/node";
 * import { quantize } from "senet/quantize";
 * declare const batches: Tensor[]; // images as the network wants them, float32 [N,C,H,W]
 * const { graph, layers } = await quantize(await readOnnxFile("seresnet50.onnx"), batches);
 *
 * @module
 */
export { type CalibrationMethod, calibrationMethods } from "../quantize/calibration-methods.ts";
export { quantize } from "../quantize/quantize-node.ts";
export type {
  AccuracyGoal,
  FloatNode,
  LayerReport,
  Quantized,
  QuantizeOptions,
  QuantizeProgress,
} from "../quantize/quantize-options.ts";
