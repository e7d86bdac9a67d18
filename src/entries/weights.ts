/**
 * Weights from files into graphs and back, under the names of timm, torchvision and pretrainedmodels. Files on a disk are opened by
 * `openWeights` of `senet/node`.
 *
 * @example
 * import { createModel } from "senet";
 * import { openWeights } from "senet/node";
 * import { loadWeights } from "senet/weights";
 * await using file = await openWeights("seresnet50.pth");
 * const { graph, report } = await loadWeights(createModel("seresnet50"), file);
 *
 * @module
 */
export { findHead, type Head } from "../weights/find-head.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "../weights/formats/safetensors.ts";
export type { WeightsEntry, WeightsFile, WeightsFormat } from "../weights/formats/weights-file.ts";
export { type LoadedWeights, type LoadWeightsOptions, loadWeights } from "../weights/load-weights.ts";
export {
  type IgnoredTensor,
  type MisshapedTensor,
  matchWeights,
  type WeightsMatch,
} from "../weights/match-weights.ts";
export type { NameTable, RenameStep } from "../weights/name-tables.ts";
export { resetHead } from "../weights/reset-head.ts";
export { WeightsMismatch } from "../weights/weights-mismatch.ts";
export type { LoadedTensor, WeightsReport } from "../weights/weights-report.ts";
