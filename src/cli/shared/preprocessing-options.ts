import type { Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import type { Preprocessing } from "../../models/model-entry.ts";
import { option } from "./options.ts";
import { decimals } from "./values.ts";

/** What the options of `preprocessingOptions` say. */
export interface PreprocessingFlags {
  readonly like?: string;
  readonly mean?: number[];
  readonly std?: number[];
}

/** How images are prepared, for commands that feed a model file. */
export function preprocessingOptions(): Option[] {
  const scaled = "pixels are scaled to [0, 1]";
  return [
    option("--like <model>", "prepare images as for this network of `senet models`", {
      described: "as the file says",
    }),
    option("--mean <list>", "mean of each channel of pixels in [0, 1], separated by commas", {
      parse: decimals("--mean", { min: 0, max: 1 }, scaled),
      described: "the model's",
    }),
    option("--std <list>", "standard deviation of each channel, separated by commas", {
      parse: decimals("--std", { above: 0, max: 1 }, scaled),
      described: "the model's",
    }),
  ];
}

/**
 * What the flags say of preprocessing, to be put before what a file says.
 *
 * @throws SenetError `unknown-name` for a network that is not known
 */
export async function preprocessingOf({
  like,
  mean,
  std,
}: PreprocessingFlags): Promise<Partial<Preprocessing>> {
  const scaled = mean || std ? { pixelRange: 1 as const } : {};
  return { ...(await likeModel(like)), ...scaled, ...(mean && { mean }), ...(std && { std }) };
}

async function likeModel(name: string | undefined): Promise<Partial<Preprocessing>> {
  if (name === undefined) return {};
  const { findModel, whyUnknown } = await import("../../models/find-model.ts");
  const entry = findModel(name);
  if (!entry) throw new SenetError("unknown-name", `--like: ${whyUnknown(name)}`);
  return entry.preprocessing;
}
