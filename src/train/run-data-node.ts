import { resolve } from "node:path";
import { SenetError } from "../base/errors.ts";
import type { LoadedInfo, OpenOptions } from "../data/dataset/dataset.ts";
import { EMBEDDED } from "../data/formats/embedded-node.ts";
import type { Fit } from "../data/images/fit-image.ts";
import { type Loader, openData } from "../data/loader/loader-node.ts";
import type { TrainConfig } from "./config.ts";

/**
 * Both splits of a loader.
 *
 * @param what their purpose, for the message
 * @throws SenetError `data` when one is missing
 */
export function splitsOf(loader: Loader, what: string): { train: LoadedInfo; test: LoadedInfo } {
  const { train, test } = loader;
  if (train && test) return { train, test };
  throw new SenetError(
    "data",
    `${what}: expected a loader with both splits, found none for ${train ? "test" : "train"}; open it with both.`,
  );
}

/** What a run remembers of its data: where it is, how it is read, and what tells it from other data. */
export function dataOf(loader: Loader): TrainConfig["data"] {
  const { train, test, sources } = loader;
  const { path = "", fit, skipBad = false, limit } = sources.train ?? {};
  return {
    path: placeOf(path),
    ...(fit && fit.height === fit.width && { size: fit.height }),
    ...(fit?.interpolation === "bicubic" && { interpolation: "bicubic" }),
    skipBad,
    ...(limit !== undefined && { limit }),
    samples: [train?.length ?? 0, test?.length ?? 0],
    labels: labelHashes(loader),
  };
}

/** Options of `openRunData`. */
export interface RunDataOptions extends OpenOptions {
  /** Where the data is now. Default: where it was. */
  readonly path?: string | undefined;
}

/**
 * Opens the data of an earlier run as that run read it.
 *
 * @throws SenetError as `openData`
 * @example await using data = await openRunData((await openRunFolder("runs/flowers")).config);
 */
export function openRunData(
  { data, input: [, height, width], init }: TrainConfig,
  { path = data.path, onProgress }: RunDataOptions = {},
): Promise<Loader> {
  const { size, skipBad, limit, interpolation = "bilinear" } = data;
  const fit: Fit = { height, width, cropFraction: 1, interpolation };
  return openData(path, {
    fit: size === undefined && init === undefined ? undefined : fit,
    skipBad,
    limit,
    onProgress,
  });
}

/**
 * Checks that a loader holds the data of a configuration: a resumed run continues exactly only on the data it began with.
 *
 * @throws SenetError `data`
 */
export function checkSameData({ data, classes, input }: TrainConfig, loader: Loader): void {
  const { train } = loader;
  const place = loader.sources.train?.path;
  const samples = [train?.length, loader.test?.length].join(" + ");
  const expected = data.samples.join(" + ");
  const isSame =
    samples === expected &&
    train?.shape.join() === input.join() &&
    train.classes.join("\n") === classes.join("\n");
  if (!isSame) {
    throw new SenetError(
      "data",
      `${place}: expected the data that the run began with (${expected} images of ${input.join("×")}, ${classes.length} classes), found other data (${samples} of ${train?.shape.join("×")}, ${train?.classes.length} classes); restore it or start a new run.`,
    );
  }
  if (data.labels === undefined || data.labels === labelHashes(loader)) return;
  throw new SenetError(
    "data",
    `${place}: expected the labels that the run began with, found others; restore the data or start a new run.`,
  );
}

/** How a run remembers where its data is: valid from every folder. */
export function placeOf(data: string): string {
  return EMBEDDED.some((name) => name === data) ? data : resolve(data);
}

/** What tells the labels of both splits, in their order, from others. */
function labelHashes({ train, test }: Loader): string {
  return `${train?.labelHash}-${test?.labelHash}`;
}
