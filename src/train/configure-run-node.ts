import { z } from "zod";
import { defined } from "../base/defined.ts";
import { SenetError, usageError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { namePattern } from "../base/name-pattern.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import { type Graph, parametersOf } from "../ir/graph.ts";
import type { ResolveOptions } from "../weights/hub/hub-node.ts";
import { loadWeightsFrom } from "../weights/load-weights-from-node.ts";
import { resetHead } from "../weights/reset-head.ts";
import type { WeightsReport } from "../weights/weights-report.ts";
import { buildModel } from "./build.ts";
import { describeIssue, recipeSchema, type TrainConfig, trainConfigSchema } from "./config.ts";
import { engineChoices } from "./engine/engine.ts";
import { type Origin, type OriginOptions, openOrigin } from "./origin-node.ts";
import { adamWRecipe, defaultAugment, defaultRecipe } from "./recipe.ts";
import { dataOf, splitsOf } from "./run-data-node.ts";

/** What a run is to begin with, and everything that decides what it computes. */
export interface Run {
  readonly config: TrainConfig;
  /** With its initial weights. */
  readonly model: Graph;
  /** What became of the weights that were loaded into it, if any were. */
  readonly report?: WeightsReport;
}

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };
type Chosen = Omit<
  TrainConfig,
  | "model"
  | "classes"
  | "input"
  | "data"
  | "init"
  | "se"
  | "augment"
  | "pixelRange"
  | "colorOrder"
  | "formerEngines"
>;

/** What is to differ from the defaults (`defaultRecipe`, `adamWRecipe`, `defaultAugment`). */
export interface RunOverrides
  extends OriginOptions,
    Optional<Pick<ResolveOptions, "offline" | "onProgress">>,
    Optional<Chosen> {
  readonly augment?: Optional<TrainConfig["augment"]> | undefined;
}

const fields = trainConfigSchema.shape;
const overridesSchema = recipeSchema.extend({
  seed: fields.seed.optional(),
  engine: z.enum(engineChoices).optional(),
  mean: fields.mean.optional(),
  std: fields.std.optional(),
  se: fields.se,
  freeze: fields.freeze,
  lrScale: fields.lrScale,
  weights: z.string().optional(),
  resetHead: z.boolean().optional(),
  offline: z.boolean().optional(),
  onProgress: z.unknown().optional(),
});

/** The names of all overrides, to find them among other options. */
export const overrideNames = Object.keys(overridesSchema.shape) as readonly (keyof RunOverrides)[];

/**
 * A new run: the configuration for a network on data, every field that is not given by its default, and the network that it begins with.
 * Images are normalized as when given weights were learned, as far as that is known, otherwise by the data's own mean and deviation.
 *
 * @param model a name as in `listModels`, the path of an `.onnx` file, a network, or any of these opened by `openOrigin`
 * @param data both splits, from `openData`
 * @throws SenetError `usage` for overrides that are invalid, alone, together or for these images; `data` for a loader without both splits
 * and for images or classes that a network with weights does not take; `checkpoint` for weights that do not fit; as `openOrigin`
 * @example const run = await configureRun("seresnet20", await openData("photos"), { epochs: 30, augment: { cutout: 8 } });
 */
export async function configureRun(
  model: string | Graph | Origin,
  data: Loader,
  overrides: RunOverrides = {},
): Promise<Run> {
  checkOverrides(overrides);
  const isOpen = typeof model === "object" && !("nodes" in model);
  const origin = isOpen ? model : await openOrigin(model, overrides);
  const { train } = splitsOf(data, `Training ${origin.name}`);
  const { weights, resetHead, offline, onProgress, mean, std, augment = {}, ...recipe } = overrides;
  const config: TrainConfig = {
    model: origin.name,
    classes: [...train.classes],
    input: [...train.shape],
    data: dataOf(data),
    ...(await normalizationOf(origin, data, overrides)),
    ...(origin.init !== undefined && { init: origin.init }),
    ...defaultRecipe,
    ...(overrides.optimizer === "adamw" && adamWRecipe),
    ...defined(recipe),
    augment: { ...defaultAugment(train.shape[1]), ...defined(augment) },
  };
  const place = data.sources.train?.path ?? "";
  checkAugment(config, place);
  const run = { config, ...(await beginning(origin, config, place, overrides)) };
  checkPatterns(config, run.model);
  return run;
}

/**
 * Refuses overrides that are invalid for any data.
 *
 * @throws SenetError `usage` naming the override
 */
export function checkOverrides(overrides: RunOverrides): void {
  const { error } = overridesSchema.safeParse(overrides);
  if (error) throw usageError(`Training: ${describeIssue(error, overrides)}; correct it.`);
  const { optimizer, schedule, warmupEpochs, epochs } = { ...defaultRecipe, ...defined(overrides) };
  const ofSgd = overrides.momentum !== undefined ? "momentum" : overrides.nesterov === false && "nesterov";
  if (optimizer !== "sgd" && ofSgd) {
    throw usageError(`\`${ofSgd}\` works for sgd, found \`optimizer\` ${optimizer}; leave it out.`);
  }
  if (warmupEpochs > 0 && schedule === "one-cycle") {
    throw usageError(
      "`warmupEpochs` works for the schedules constant, step and cosine, found one-cycle, which has its own rise; leave it out or choose another `schedule`.",
    );
  }
  if (warmupEpochs > 0 && warmupEpochs >= epochs) {
    throw usageError(
      `\`warmupEpochs\`: expected fewer epochs than \`epochs\` ${epochs}, found ${warmupEpochs}; correct it.`,
    );
  }
}

/** Refuses augmentation that leaves nothing of an image. */
function checkAugment(
  { input: [, height, width], augment: { pad, cutout } }: TrainConfig,
  data: string,
): void {
  const side = Math.min(height, width);
  const images = `the ${height}×${width} images of ${data}`;
  if (pad > 0 && 2 * pad >= side) {
    throw usageError(
      `\`pad\`: expected less than half a side of ${images}, found ${pad}; choose a smaller one.`,
    );
  }
  if (cutout > side) {
    throw usageError(
      `\`cutout\`: expected a square no larger than ${images}, found ${cutout}; choose a smaller one.`,
    );
  }
}

/** What a configuration says of pixels: as given, as when the weights were learned, or as the data say. */
async function normalizationOf(
  { preprocessing }: Origin,
  data: Loader,
  { mean, std }: RunOverrides,
): Promise<Pick<TrainConfig, "mean" | "std" | "pixelRange" | "colorOrder">> {
  const { sources, train } = data;
  const channels = train?.shape[0] ?? 0;
  for (const [name, list] of [["mean", mean] as const, ["std", std] as const]) {
    if (list === undefined || list.length === channels) continue;
    throw usageError(
      `\`${name}\`: expected ${plural(channels, "number")}, one per channel of ${sources.train?.path}, found ${list.length}; correct it.`,
    );
  }
  const isLearned = preprocessing?.mean.length === channels && !mean && !std;
  const learned = isLearned ? preprocessing : undefined;
  const computed = mean && std ? { mean, std } : (learned ?? (await data.statistics()));
  return {
    mean: [...(mean ?? computed.mean)],
    std: [...(std ?? computed.std)],
    ...(learned?.pixelRange === 255 && { pixelRange: 255 }),
    ...(learned?.colorOrder === "BGR" && { colorOrder: "BGR" }),
  };
}

/** The network of a run, for the data's classes. */
async function beginning(
  { imported, source }: Origin,
  config: TrainConfig,
  data: string,
  { resetHead: fresh = false, offline, onProgress }: RunOverrides,
): Promise<Omit<Run, "config">> {
  if (!imported) {
    const model = buildModel(config);
    if (source === undefined) return { model };
    const options = defined({ resetHead: fresh, offline, onProgress });
    const { graph, report } = await loadWeightsFrom(model, source, options);
    return { model: graph, report };
  }
  checkImages(imported, config, data);
  const { length } = config.classes;
  if (fresh) return { model: resetHead(imported, length, config.seed) };
  const classes = imported.outputs[0].value.shape[1];
  if (classes === length) return { model: imported };
  throw new SenetError(
    "data",
    `${data}: expected the ${classes} classes of ${source}, found ${length}; give \`resetHead\` for a fresh classifier.`,
  );
}

function checkImages({ inputs: [images] }: Graph, { input, init }: TrainConfig, data: string): void {
  const fits = images.shape.slice(1).every((dim, axis) => typeof dim === "string" || dim === input[axis]);
  if (fits) return;
  throw new SenetError(
    "data",
    `${data}: expected images of ${images.shape.slice(1).join("×")} for ${init}, found ${input.join("×")}; choose another \`size\` or other data.`,
  );
}

/** Checks that every pattern, and each of its alternatives, fits some parameter. */
function checkPatterns({ freeze, lrScale = [] }: TrainConfig, model: Graph): void {
  const names = parametersOf(model).map(({ name = "" }) => name);
  const patterns = [
    ...(freeze === undefined ? [] : [["freeze", freeze] as const]),
    ...lrScale.map(([pattern]) => ["lrScale", pattern] as const),
  ].flatMap(([override, pattern]) => alternativesOf(pattern).map((one) => [override, one] as const));
  for (const [override, pattern] of patterns) {
    if (names.some(namePattern(pattern))) continue;
    const first = [...new Set(names.map((name) => name.split(".")[0]))];
    throw usageError(
      `\`${override}\`: expected a pattern that fits parameters, such as ${first.slice(0, 3).join(", ")} or ${first.at(-1)}, found "${pattern}", which fits none; correct it.`,
    );
  }
}

/** The names of `conv1|layer1` apart, so that one that is misspelled shows; a pattern with brackets is one. */
function alternativesOf(pattern: string): string[] {
  return /[()[\]\\]/.test(pattern) ? [pattern] : pattern.split("|");
}
