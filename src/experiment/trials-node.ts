import { createHash } from "node:crypto";
import { type Complexity, complexity } from "../analysis/complexity.ts";
import { SenetError } from "../base/errors.ts";
import { batchCount } from "../data/loader/batches.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import type { TrainConfig } from "../train/config.ts";
import { configureRun } from "../train/configure-run-node.ts";
import { splitsOf } from "../train/run-data-node.ts";
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
 * All trainings of a spec. Every network is built once, so that options that do not fit it or the images, and batches larger than the data,
 * are refused before anything is trained.
 *
 * @throws SenetError naming the variant
 */
export async function planTrials(spec: ExperimentSpec, loader: Loader): Promise<PlannedVariant[]> {
  splitsOf(loader, spec.name);
  const variants: PlannedVariant[] = [];
  for (const variant of expandSpec(spec)) {
    try {
      variants.push(await planVariant(variant, spec.seeds, loader));
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
      throw new SenetError(error.code, `Configuration "${variant.name}": ${error.message}`, { cause: error });
    }
  }
  return variants;
}

async function planVariant(
  variant: Variant,
  seeds: readonly number[],
  loader: Loader,
): Promise<PlannedVariant> {
  const { model: name, se, train } = variant;
  const { config, model } = await configureRun({ name }, loader, { ...train, se });
  batchCount(config.data.samples[0], { batchSize: config.batch, dropLast: true }, loader.sources.train?.path);
  const configs = seeds.map((seed) => ({ ...config, seed }));
  const trials = configs.map((config) => ({ config, id: idOf(config) }));
  return { ...variant, complexity: complexity(model), trials };
}

/**
 * `seresnet8-seed0-1f2e3d4c5b6a`: the last part is a hash of everything that decides what a training computes, but for the place of its
 * data, which may move, and its engine, which is chosen when it begins; equal trainings have one name, whatever their configurations are
 * called.
 */
function idOf(config: TrainConfig): string {
  const { engine: _engine, ...rest } = config;
  const { path: _path, ...data } = config.data;
  const text = JSON.stringify(sorted({ ...rest, data }));
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
