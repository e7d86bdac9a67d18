import { disposable, type Resource } from "../base/resource.ts";
import { createSession } from "../runtime/node.ts";
import { MANY, runImages } from "../runtime/run-images.ts";
import type { Session, SessionOptions } from "../runtime/session.ts";
import { type Classifier, describeClassifier, type InputOptions } from "./classifier.ts";
import { labelsFor } from "./labels-node.ts";
import type { ModelFile } from "./model-file-node.ts";
import { imagePreparer, stack } from "./prepare-image-node.ts";
import type { Fetch, ImageInput } from "./read-image-node.ts";
import { softmax } from "./top-classes.ts";

/** Options that override the model's file. */
export interface ClassifierOptions extends InputOptions, Pick<SessionOptions, "threads" | "optimize"> {
  /** Names of the classes. Default: those in the file; without any, ImageNet's for 1,000 classes, otherwise numbers. */
  readonly labels?: readonly string[] | undefined;
  /** Instead of the global `fetch`, for images given by URL. */
  readonly fetch?: Fetch | undefined;
  /** How many images are to be classified, where that is known. */
  readonly images?: number | undefined;
}

/** A loaded network, ready to classify images. */
export interface ImageClassifier extends Resource {
  readonly labels: readonly string[];
  /** Images the network takes at once: a number where it is fixed. */
  readonly batch: number | undefined;
  /** An image as the network's input, float32 [channels × height × width]; images may be prepared side by side. */
  prepare(input: ImageInput): Promise<Float32Array>;
  /** Probabilities of each class, for each prepared image. */
  run(images: readonly Float32Array[]): Promise<Float64Array[]>;
}

/**
 * Loads an `.onnx` image classifier.
 *
 * @param where the file's name, for errors
 * @throws SenetError `graph` when it is not an image classifier; `usage` when neither it nor the options say how images are prepared
 */
export async function openImageClassifier(
  { bytes, facts }: ModelFile,
  where: string,
  options: ClassifierOptions = {},
): Promise<ImageClassifier> {
  let session = await createSession(bytes, options);
  try {
    const classifier = describeClassifier(where, session, facts, options);
    const labels = await labelsFor(where, classifier.classCount, options.labels ?? classifier.classes);
    if (options.images !== undefined && options.images >= MANY) {
      // Rewriting needs modules that a single prediction does not wait for.
      const { forManyImages } = await import("../runtime/for-many-images-node.ts");
      session = await forManyImages(session, bytes, { images: options.images, threads: options.threads });
    }
    return {
      labels,
      batch: classifier.batch,
      prepare: imagePreparer(classifier, options.fetch),
      run: (images) => runAll(session, classifier, images),
      ...disposable(() => session.dispose()),
    };
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

async function runAll(
  session: Session,
  classifier: Classifier,
  images: readonly Float32Array[],
): Promise<Float64Array[]> {
  if (images.length === 0) return [];
  const { shape, classCount, endsInSoftmax } = classifier;
  const [{ data }] = await runImages(session, stack(images, classifier), shape);
  const scores = data as Float32Array;
  return images.map((_, i) => {
    const row = scores.subarray(i * classCount, (i + 1) * classCount);
    return endsInSoftmax ? Float64Array.from(row) : softmax(row);
  });
}
