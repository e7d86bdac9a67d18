import { SenetError } from "../base/errors.ts";
import { disposable, type Resource } from "../base/resource.ts";
import { dataFormat } from "../data/formats/data-format-node.ts";
import { listImages } from "../data/formats/list-images-node.ts";
import { openLoader } from "../data/loader/loader-node.ts";
import { type Classifier, checkImageShape } from "../predict/classifier.ts";
import { imagePreparer, stack } from "../predict/prepare-image-node.ts";
import type { StepBatch } from "../train/step/step-runner.ts";

/** Labelled images, which can be read repeatedly. */
export interface LabelledImages extends Resource {
  readonly length: number;
  batches(size: number): AsyncIterable<StepBatch>;
}

/**
 * The labeled images at a path: the test split of a data set, or all images of a folder with one folder per class. Classes must be
 * the network's, as many of them and, where it names them, so called.
 *
 * @throws SenetError `data` when there are none, or other classes or shapes
 */
export async function openLabelledImages(path: string, network: Classifier): Promise<LabelledImages> {
  const format = await dataFormat(path).catch(() => undefined);
  return format ? testSplit(path, network) : classFolders(path, network);
}

async function testSplit(path: string, network: Classifier): Promise<LabelledImages> {
  const { fit, normalization } = network;
  const loader = await openLoader({ test: { path, split: "test", fit } });
  const { shape = [], classes = [], length = 0 } = loader.test ?? {};
  try {
    checkImageShape(path, network, shape);
    // Data without names numbers its classes.
    const numbered = classes.every((name, index) => name === String(index));
    checkClasses(path, classes, numbered ? { ...network, classes: undefined } : network);
  } catch (error) {
    await loader.dispose();
    throw error;
  }
  return {
    length,
    batches: (batchSize) => loader.batches("test", { batchSize, seed: 0, epoch: 0, ...normalization }),
    ...disposable(() => loader.dispose()),
  };
}

async function classFolders(path: string, network: Classifier): Promise<LabelledImages> {
  const files = await listImages(path);
  const classes = [...new Set(files.map(({ folder }) => folder ?? ""))].sort();
  checkClasses(path, classes, network);
  const prepare = imagePreparer(network);
  async function* batches(size: number): AsyncGenerator<StepBatch> {
    for (let from = 0; from < files.length; from += size) {
      const part = files.slice(from, from + size);
      const images = await Promise.all(part.map((file) => prepare(file.path)));
      const labels = BigInt64Array.from(part, ({ folder }) => BigInt(classes.indexOf(folder ?? "")));
      yield { images: stack(images, network), labels };
    }
  }
  return { length: files.length, batches, ...disposable(async () => {}) };
}

function checkClasses(path: string, found: readonly string[], { classCount, classes }: Classifier): void {
  const different = classes?.findIndex((name, index) => name !== found[index]) ?? -1;
  if (found.length === classCount && different < 0) return;
  const expected = classes && different >= 0 ? `, with "${classes[different]}" as number ${different}` : "";
  const there = different >= 0 && different < found.length ? `, with "${found[different]}" there` : "";
  throw new SenetError(
    "data",
    `${path}: expected the network's ${classCount} classes${expected}, found ${found.length}${there}; choose the data it was trained on.`,
  );
}
