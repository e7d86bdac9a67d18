import { join } from "node:path";
import { SenetError } from "../base/errors.ts";
import { permutation, randomStream } from "../base/random.ts";
import { SPLIT_FOLDERS } from "../data/dataset/split-folders.ts";
import { dataFormat } from "../data/formats/data-format-node.ts";
import { listImages } from "../data/formats/list-images-node.ts";
import { openLoader } from "../data/loader/loader-node.ts";
import { kindOfPath } from "../files/read-file-node.ts";
import type { Tensor } from "../ir/tensor.ts";
import { type Classifier, checkImageShape } from "../predict/classifier.ts";
import { imagePreparer, stack } from "../predict/prepare-image-node.ts";
import { imagesAtOnce } from "../runtime/run-images.ts";

export interface CalibrationOptions {
  /** Maximum number of images. */
  readonly count: number;
  /** Seed of the random choice among more. */
  readonly seed: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Images as batches for a network, and what could not be used. */
export interface CalibrationImages {
  readonly batches: readonly Tensor[];
  readonly count: number;
  /** Files that do not decode. */
  readonly skipped: readonly string[];
}

/**
 * Images from a folder (with or without folders in it; of `train/` where there is one) or the training split of a data set, chosen at
 * random and prepared for the network.
 *
 * @throws SenetError `data` when there is no image, or none that decodes, or none of the network's shape
 */
export async function readCalibrationImages(
  path: string,
  network: Classifier,
  options: CalibrationOptions,
): Promise<CalibrationImages> {
  const isFolder = (await kindOfPath(path)) === "folder";
  const format = await dataFormat(path).catch((error) => {
    // Any folder of images is enough here.
    if (isFolder) return "image-folder" as const;
    throw error;
  });
  const { images, skipped } =
    format === "image-folder"
      ? await fromFiles(path, network, options)
      : { images: await fromDataset(path, network, options), skipped: [] };
  return { batches: inBatches(images, network), count: images.length, skipped };
}

async function fromFiles(path: string, network: Classifier, { count, seed, onProgress }: CalibrationOptions) {
  const prepare = imagePreparer(network);
  const files = await listImages(await trainingPart(path));
  const images: Float32Array[] = [];
  const skipped: string[] = [];
  for (const index of permutation(files.length, randomStream(seed))) {
    if (images.length === count) break;
    const file = files[index].path;
    try {
      images.push(await prepare(file));
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
      skipped.push(file);
    }
    onProgress?.(images.length, Math.min(count, files.length));
  }
  if (images.length > 0) return { images, skipped };
  throw new SenetError(
    "data",
    `${path}: expected images that decode, found ${skipped.length} files that do not, such as ${skipped[0]}; replace them.`,
  );
}

/** The folder of the training split, or the whole where there is none. */
async function trainingPart(path: string): Promise<string> {
  for (const name of SPLIT_FOLDERS.train) {
    if ((await kindOfPath(join(path, name))) === "folder") return join(path, name);
  }
  return path;
}

async function fromDataset(
  path: string,
  network: Classifier,
  { count, seed, onProgress }: CalibrationOptions,
): Promise<Float32Array[]> {
  await using loader = await openLoader(
    { train: { path, split: "train", fit: network.fit } },
    { onProgress: ({ done, total }) => onProgress?.(done, total) },
  );
  checkImageShape(path, network, loader.train?.shape ?? []);
  const images: Float32Array[] = [];
  const order = { batchSize: 1, seed, epoch: 0, shuffle: true };
  for await (const batch of loader.batches("train", { ...order, ...network.normalization })) {
    images.push(batch.images.slice());
    if (images.length === count) break;
  }
  return images;
}

/** Batches of the size that the network fixes, the last one filled up from the beginning; of any other all of one size but the last. */
function inBatches(images: readonly Float32Array[], network: Classifier): Tensor[] {
  const { batch, shape } = network;
  const size = batch ?? imagesAtOnce(shape);
  const batches: Tensor[] = [];
  for (let from = 0; from < images.length; from += size) {
    const count = batch ?? Math.min(size, images.length - from);
    const part = Array.from({ length: count }, (_, i) => images[(from + i) % images.length]);
    batches.push({ dtype: "float32", shape: [count, ...shape], data: stack(part, network) });
  }
  return batches;
}
