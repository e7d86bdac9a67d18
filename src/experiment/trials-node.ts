import { createHash } from "node:crypto";
import { type Complexity, complexity } from "../analysis/complexity.ts";
import { SenetError } from "../base/errors.ts";
import { batchCount } from "../data/loader/batches.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import { buildModel } from "../train/build.ts";
import type { TrainConfig } from "../train/config.ts";
import { dataOf } from "../train/data-of-node.ts";
import { adamWRecipe, defaultAugment, defaultRecipe } from "../train/recipe.ts";
import { expandSpec, type Variant } from "./expand-spec.ts";
import type { ExperimentSpec } from "./spec.ts";

/** One training of an experiment. */
export interface Trial {
  readonly config: TrainConfig;
  /** Name of its folder: tells it from every other training. */
  readonly id: string;
}

/** A variant with what it costs and its trainings, one for each seed of the spec. */
export interface PlannedVariant extends Variant {
  readonly complexity: Complexity;
  readonly trials: readonly Trial[];
}

/**
 * All trainings of a spec. Every network is built once, so that options that do not fit it, and batches larger than the data, are told
 * before anything is trained.
 *
 * @throws SenetError naming the variant
 */
export async function planTrials(spec: ExperimentSpec, loader: Loader): Promise<PlannedVariant[]> {
  const { input, classes, ...images } = await imagesOf(spec, loader);
  return expandSpec(spec).map((variant) => {
    const { augment, ...train } = variant.train;
    const configs = spec.seeds.map(
      (seed): TrainConfig => ({
        model: variant.model,
        classes,
        input,
        ...images,
        ...(variant.se !== undefined && { se: variant.se }),
        ...defaultRecipe,
        ...(train.optimizer === "adamw" && adamWRecipe),
        ...train,
        seed,
        augment: augmentOf(input[1], augment),
      }),
    );
    return {
      ...variant,
      complexity: naming(variant.name, () => {
        batchCount(images.data.samples[0], { batchSize: configs[0].batch, dropLast: true });
        return complexity(buildModel(configs[0]));
      }),
      trials: configs.map((config) => ({ config, id: idOf(config) })),
    };
  });
}

/** What a run's configuration says of its images. */
async function imagesOf(spec: ExperimentSpec, loader: Loader) {
  const { data: path, size, limit } = spec;
  const data = dataOf(loader, { path, size, limit });
  const { shape, classes } = loader.train as NonNullable<Loader["train"]>;
  const { mean, std } = await loader.statistics();
  return {
    data,
    classes: [...classes],
    input: [...shape] as TrainConfig["input"],
    mean: [...mean],
    std: [...std],
  };
}

function augmentOf(height: number, changes: Variant["train"]["augment"]): TrainConfig["augment"] {
  const usual = defaultAugment(height);
  const { pad = usual.pad, flip = usual.flip, cutout = usual.cutout } = changes ?? {};
  return { pad, flip, cutout };
}

/**
 * `seresnet8-seed0-1f2e3d4c5b6a`: the last part is a hash of everything that decides what a training computes, but for the place of its
 * data, which may move; equal trainings have one name, whatever their configurations are called.
 */
function idOf(config: TrainConfig): string {
  const { path: _path, ...data } = config.data;
  const text = JSON.stringify(sorted({ ...config, data }));
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${config.model}-seed${config.seed}-${hash}`;
}

/** The same with the fields of every record in alphabetical order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  );
}

function naming<T>(name: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    throw new SenetError(error.code, `Configuration "${name}": ${error.message}`, { cause: error });
  }
}
