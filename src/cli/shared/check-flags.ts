import { SenetError } from "../../base/errors.ts";
import type { DataFormat } from "../../data/formats/data-format-node.ts";
import type { TrainFlags } from "./flags.ts";

/**
 * Refuses options of `senet train` that would do nothing beside the others.
 *
 * @param isGiven whether an option was written, as opposed to having its default
 * @throws SenetError `usage`
 */
export function checkTrainFlags(flags: TrainFlags, isGiven: (name: keyof TrainFlags) => boolean): void {
  const { optimizer, schedule, warmup, epochs } = flags;
  if (optimizer !== "sgd") {
    for (const [name, long] of [
      ["momentum", "--momentum"],
      ["nesterov", "--no-nesterov"],
    ] as const) {
      if (isGiven(name)) throw usage(`${long} works for sgd, found --optimizer ${optimizer}; leave it out`);
    }
  }
  if (warmup > 0 && schedule === "one-cycle") {
    throw usage(
      "--warmup works for the schedules constant, step and cosine, found one-cycle, which has its own rise; leave it out or choose another --schedule",
    );
  }
  if (warmup > 0 && warmup >= epochs) {
    throw usage(`--warmup: expected fewer epochs than --epochs ${epochs}, found ${warmup}; correct it`);
  }
}

/**
 * Refuses augmentation that leaves nothing of an image.
 *
 * @param data where the images come from
 * @throws SenetError `usage`
 */
export function checkAugmentFlags(
  { pad = 0, cutout }: Pick<TrainFlags, "pad" | "cutout">,
  [, height, width]: readonly [channels: number, height: number, width: number],
  data: string,
): void {
  const side = Math.min(height, width);
  const images = `the ${height}×${width} images of ${data}`;
  if (2 * pad >= side) {
    throw usage(`--pad: expected less than half a side of ${images}, found ${pad}; choose a smaller one`);
  }
  if (cutout > side) {
    throw usage(
      `--cutout: expected a square no larger than ${images}, found ${cutout}; choose a smaller one`,
    );
  }
}

const formatNames: Readonly<Record<DataFormat, string>> = {
  idx: "IDX files",
  cifar: "CIFAR files",
  parquet: "parquet",
  "image-folder": "an image folder",
};

/**
 * Refuses options on images that the data at `path` cannot follow.
 *
 * @throws SenetError `usage`; as `dataFormat` when there is no data
 */
export async function checkDataFlags(
  path: string,
  { size, skipBad = false }: { readonly size?: unknown; readonly skipBad?: boolean | undefined },
): Promise<void> {
  if (size === undefined && !skipBad) return;
  const { dataFormat } = await import("../../data/formats/data-format-node.ts");
  const format = await dataFormat(path);
  const found = `found ${formatNames[format]} at ${path}; leave it out`;
  if (skipBad && format !== "image-folder") throw usage(`--skip-bad works for image folders, ${found}`);
  if (size !== undefined && (format === "idx" || format === "cifar")) {
    throw usage(`--size works for image folders and parquet, ${found}`);
  }
}

function usage(message: string): SenetError {
  return new SenetError("usage", `${message}.`);
}
