import { stat } from "node:fs/promises";
import { nearest, SenetError } from "../base/errors.ts";
import { disposable, type Resource } from "../base/resource.ts";
import type { Graph } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { findModel, whyUnknown } from "../models/find-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { loadWeights } from "../weights/load-weights.ts";
import { openWeights } from "../weights/open-weights-node.ts";
import { type ClassifierOptions, openImageClassifier } from "./image-classifier-node.ts";
import { type ModelFile, modelFileOf, readModelFile } from "./model-file-node.ts";
import type { ImageInput } from "./read-image-node.ts";
import { type Prediction, topClasses } from "./top-classes.ts";

/** The tasks that `pipeline` knows. */
const TASKS = ["image-classification"] as const;
export type Task = (typeof TASKS)[number];

export interface PipelineOptions extends ClassifierOptions {
  /** For a model given by name: the file of its weights. */
  readonly weights?: string | undefined;
  /** Images run at once. Default 8; a file with a fixed batch has its own. */
  readonly batchSize?: number | undefined;
}

export interface ClassifyOptions {
  /** How many classes to tell, the most probable first. Default 5. */
  readonly topK?: number | undefined;
}

/** Classifies images. */
export interface ClassifyImages extends Resource {
  (image: ImageInput, options?: ClassifyOptions): Promise<Prediction[]>;
  (images: readonly ImageInput[], options?: ClassifyOptions): Promise<Prediction[][]>;
}

/**
 * A function that classifies images, as transformers.js's `pipeline`.
 *
 * @param model an `.onnx` file (path or bytes), a graph, or, with `weights`, a model's name. How images are prepared and what the
 * classes are called is in the file's metadata when this package wrote it; for others see `PipelineOptions`
 * @throws SenetError `file`, `graph` or `unknown-name` for a model that cannot be used; the function `data` for what is no image
 * @example
 * const classify = await pipeline("image-classification", "seresnet50.onnx");
 * await classify("cat.jpg", { topK: 3 }); // [{ label: "tabby, tabby cat", score: 0.62 }, …]
 */
export async function pipeline(
  task: Task,
  model: string | Uint8Array | Graph,
  options: PipelineOptions = {},
): Promise<ClassifyImages> {
  if (!TASKS.includes(task)) {
    throw new SenetError(
      "usage",
      `pipeline: expected the task "image-classification", found "${task}"${nearest(task, TASKS)}; it is the only one.`,
    );
  }
  const { batchSize: wanted = 8 } = options;
  checkCount("batchSize", wanted);
  const where = nameOf(model);
  const classifier = await openImageClassifier(await modelFile(model, where, options), where, options);
  const batchSize = classifier.batch ?? wanted;

  const classifyAll = async (images: readonly ImageInput[], { topK = 5 }: ClassifyOptions = {}) => {
    checkCount("topK", topK);
    const results: Prediction[][] = [];
    for (let from = 0; from < images.length; from += batchSize) {
      const prepared = await Promise.all(images.slice(from, from + batchSize).map(classifier.prepare));
      for (const scores of await classifier.run(prepared)) {
        results.push(topClasses(scores, classifier.labels, topK));
      }
    }
    return results;
  };
  const classify = async (input: ImageInput | readonly ImageInput[], settings?: ClassifyOptions) => {
    if (isList(input)) return classifyAll(input, settings);
    const [result] = await classifyAll([input], settings);
    return result;
  };
  return Object.assign(classify as ClassifyImages, disposable(classifier.dispose));
}

/** How a model is called in errors. Programs without types may hand over something else. */
function nameOf(model: string | Uint8Array | Graph): string {
  if (typeof model === "string") return model;
  if (model instanceof Uint8Array) return "model";
  if (typeof model === "object" && model !== null && "nodes" in model) return model.name;
  throw new SenetError(
    "usage",
    "pipeline: expected a model as a path, a name, the bytes of an .onnx file or a graph, found something else; give one of these.",
  );
}

function isList(input: ImageInput | readonly ImageInput[]): input is readonly ImageInput[] {
  return Array.isArray(input);
}

async function modelFile(
  model: string | Uint8Array | Graph,
  where: string,
  { weights }: PipelineOptions,
): Promise<ModelFile> {
  if (model instanceof Uint8Array) return modelFileOf(model, where);
  if (typeof model !== "string") return modelFileOf(writeOnnx(model), where);
  const isFile = model.endsWith(".onnx") || (await stat(model).catch(() => undefined))?.isFile();
  if (!isFile) return modelFileOf(writeOnnx(await namedModel(model, weights)), where);
  if (weights !== undefined) {
    throw new SenetError(
      "usage",
      `${model}: expected no weights beside a file, which has its own; leave them out.`,
    );
  }
  return readModelFile(model);
}

async function namedModel(name: string, weights: string | undefined): Promise<Graph> {
  if (!findModel(name)) throw new SenetError("unknown-name", whyUnknown(name));
  if (weights === undefined) {
    throw new SenetError(
      "usage",
      `${name}: expected weights with a model's name, as random ones predict nothing; give the option weights, or an .onnx file.`,
    );
  }
  await using file = await openWeights(weights);
  return (await loadWeights(createModel(name), file)).graph;
}

function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new SenetError(
    "usage",
    `${name}: expected a whole number of at least 1, found ${count}; correct it.`,
  );
}
