import { SenetError } from "../../base/errors.ts";
import { checkLabel } from "./classes.ts";
import type { Dataset, SkippedFile } from "./dataset.ts";

/** What `memoryDataset` wraps: `pixels` is uint8, samples × channels × height × width. */
export interface MemoryDatasetFields {
  readonly name: string;
  readonly split: "train" | "test";
  readonly classes: readonly string[];
  readonly shape: readonly [number, number, number];
  readonly labels: Int32Array;
  readonly pixels: Uint8Array;
  readonly skipped?: readonly SkippedFile[];
}

/**
 * A data set whose pixels are all in memory; `read` copies.
 *
 * @throws SenetError "data" when there are no samples, the pixels do not match the shape, or a label has no class.
 * @example memoryDataset({ name: "two", split: "train", classes: ["a", "b"], shape: [1, 1, 1],
 *   labels: Int32Array.of(0, 1), pixels: Uint8Array.of(0, 255) }).length // 2
 */
export function memoryDataset(fields: MemoryDatasetFields): Dataset {
  const { name, split, classes, shape, labels, pixels, skipped = [] } = fields;
  const [channels, height, width] = shape;
  const sampleBytes = channels * height * width;
  if (labels.length === 0) {
    throw new SenetError("data", `${name}: expected at least one ${split} sample, found none; add images.`);
  }
  if (pixels.length !== labels.length * sampleBytes) {
    throw new SenetError(
      "data",
      `${name}: expected ${labels.length * sampleBytes} bytes of pixels (${labels.length} samples of ${shape.join("×")}), found ${pixels.length}; give one image per label.`,
    );
  }
  labels.forEach((label, index) => {
    checkLabel(label, classes.length, `${name}: sample ${index}`);
  });
  return {
    name,
    split,
    classes,
    shape,
    length: labels.length,
    labels,
    skipped,
    read(index, into) {
      into.set(pixels.subarray(index * sampleBytes, (index + 1) * sampleBytes));
    },
  };
}
