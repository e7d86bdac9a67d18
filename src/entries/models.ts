/**
 * The networks that are known by name, and the descriptions in their files.
 *
 * @example
 * import { createModel, findModel, listModels, readDescription } from "senet/models";
 * listModels("legacy_*");
 * findModel("seresnet50")?.input; // [3, 224, 224]
 * readDescription(createModel("seresnet50"))?.mean;
 *
 * @module
 */
export { createModel, type ModelOptions } from "../models/create-model.ts";
export { describeModel, type ModelDescription, readDescription } from "../models/describe-model.ts";
export { findModel } from "../models/find-model.ts";
export { listModels } from "../models/list-models.ts";
export type { BuildOptions, ModelEntry, Preprocessing } from "../models/parts/model-entry.ts";
export type { SEPlaces, SEPlan, StagePlan } from "../models/parts/se-plan.ts";
export { registry } from "../models/registry.ts";
