import { SenetError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { limits } from "../../files/limits.ts";
import { checkLabel } from "./classes.ts";
import type { Dataset, DatasetInfo, SkippedFile } from "./dataset.ts";

/** What `memoryDataset` wraps: `pixels` is uint8, samples × channels × height × width. */
interface MemoryDatasetFields extends Omit<DatasetInfo, "length" | "skipped"> {
  readonly labels: Int32Array;
  readonly pixels: Uint8Array;
  readonly skipped?: readonly SkippedFile[];
}

/** A data set whose pixels are all in memory; `read` copies. */
export function memoryDataset({ pixels, skipped = [], ...fields }: MemoryDatasetFields): Dataset {
  const { name, split, classes, shape, labels } = fields;
  const sampleBytes = sampleBytesOf(shape);
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
    ...fields,
    length: labels.length,
    skipped,
    read(index, into) {
      into.set(pixels.subarray(index * sampleBytes, (index + 1) * sampleBytes));
    },
  };
}

/** Bytes of one sample. */
export function sampleBytesOf([channels, height, width]: DatasetInfo["shape"]): number {
  return channels * height * width;
}

/** Refuses more samples than fit in memory, before any of them is decoded. */
export function checkMemory(where: string, count: number, shape: DatasetInfo["shape"]): void {
  const bytes = count * sampleBytesOf(shape);
  if (bytes <= limits.pixelBytes) return;
  throw new SenetError(
    "data",
    `${where}: expected at most ${formatBytes(limits.pixelBytes)} of pixels in memory, found ${count} images, which at ${shape[1]}×${shape[2]} take ${formatBytes(bytes)}; choose a smaller size.`,
  );
}
