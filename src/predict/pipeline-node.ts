import { stat } from "node:fs/promises";
import { checkOptions } from "../base/check-options.ts";
import { defined } from "../base/defined.ts";
import { nearest, SenetError } from "../base/errors.ts";
import { disposable, type Resource } from "../base/resource.ts";
import type { Graph } from "../ir/graph.ts";
import { findModel, whyUnknown } from "../models/find-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { type ResolveOptions, resolveOptionNames } from "../weights/hub/resolve-options.ts";
import { type ClassifierOptions, openImageClassifier } from "./image-classifier-node.ts";
import { type ModelFile, modelFileOf, readModelFile } from "./model-file-node.ts";
import type { ImageInput } from "./read-image-node.ts";
import { type Prediction, topClasses } from "./top-classes.ts";

/** The tasks that `pipeline` knows. */
const TASKS = ["image-classification"] as const;
export type Task = (typeof TASKS)[number];

/** Options of `pipeline`; those of `ResolveOptions` are for models and weights from a hub. */
export interface PipelineOptions extends Omit<ClassifierOptions, "fetch" | "images">, ResolveOptions {
  /** For a model given by name: the file of its weights, or `hf:OWNER/REPO`. */
  readonly weights?: string | undefined;
  /** Images prepared at once, side by side. Default 8; a file with a fixed batch has its own. */
  readonly batchSize?: number | undefined;
}

const ownOptionNames = [
  "weights",
  "batchSize",
  "labels",
  "preprocessing",
  "size",
  "threads",
  "optimize",
] as const satisfies readonly (keyof PipelineOptions)[];

/** Options of one classification. */
export interface ClassifyOptions {
  /** Number of classes to return, the most probable first. Default 5. */
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
 * @param model an `.onnx` file (path or bytes), a graph, `hf:OWNER/REPO`, or, with `weights`, a model's name. How images are prepared
 * and the names of the classes are in the file's metadata when this package wrote it, and in timm's repositories; for others see
 * `PipelineOptions`
 * @throws SenetError `file`, `graph` or `unknown-name` for a model that cannot be used; the function `data` for anything that is not an image
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
  checkOptions("pipeline", options, [...ownOptionNames, ...resolveOptionNames]);
  const { batchSize: wanted = 8 } = options;
  checkCount("batchSize", wanted);
  const where = nameOf(model);
  const { file, ...known } = await readModel(model, where, options);
  const classifier = await openImageClassifier(file, where, {
    ...options,
    labels: options.labels ?? known.labels,
    preprocessing: { ...known.preprocessing, ...options.preprocessing },
  });
  const batchSize = classifier.batch ?? wanted;

  const classifyAll = async (images: readonly ImageInput[], settings: ClassifyOptions = {}) => {
    // No object is the index from `images.map(classify)`.
    checkOptions("classify", Object(settings) as ClassifyOptions, ["topK"]);
    const { topK = 5 } = settings;
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

/** The name of a model in errors. Programs without types may pass something else. */
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

/** A model's file, and what is known of it from elsewhere. */
async function readModel(
  model: string | Uint8Array | Graph,
  where: string,
  options: PipelineOptions,
): Promise<Omit<ClassifierOptions, "fetch"> & { readonly file: ModelFile }> {
  if (model instanceof Uint8Array) return { file: modelFileOf(model, where) };
  if (typeof model !== "string") return { file: modelFileOf(writeOnnx(model), where) };
  const isHub = model.startsWith("hf:");
  const isFile = model.endsWith(".onnx") || (await stat(model).catch(() => undefined))?.isFile();
  if (!isHub && !isFile) return { file: modelFileOf(writeOnnx(await namedModel(model, options)), where) };
  if (options.weights !== undefined) {
    throw new SenetError(
      "usage",
      `${model}: expected no weights beside a file, which has its own; leave them out.`,
    );
  }
  if (!isHub) return { file: await readModelFile(model) };
  const { readHubModel } = await import("./hub-model-node.ts"); // slow to load
  return readHubModel(model, options);
}

async function namedModel(name: string, options: PipelineOptions): Promise<Graph> {
  const { weights } = options;
  if (!findModel(name)) throw new SenetError("unknown-name", whyUnknown(name));
  if (weights === undefined) {
    throw new SenetError(
      "usage",
      `${name}: expected weights with a model's name, as random ones predict nothing; give the option weights, or an .onnx file.`,
    );
  }
  const { createPretrained } = await import("../weights/create-pretrained-node.ts");
  const forHub = resolveOptionNames.map((option) => [option, options[option]]);
  return createPretrained(name, weights, defined(Object.fromEntries(forHub)));
}

function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new SenetError(
    "usage",
    `${name}: expected a whole number of at least 1, found ${count}; correct it.`,
  );
}
