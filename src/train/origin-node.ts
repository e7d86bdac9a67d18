import { basename, resolve } from "node:path";
import { SenetError, usageError } from "../base/errors.ts";
import type { Fit } from "../data/images/fit-image.ts";
import { isModelFile } from "../files/is-model-file-node.ts";
import type { Graph } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { readDescription } from "../models/describe-model.ts";
import { findModel, whyUnknown } from "../models/find-model.ts";
import type { Preprocessing } from "../models/parts/model-entry.ts";
import type { SEPlan } from "../models/parts/se-plan.ts";
import { readOnnxFile } from "../onnx/read-onnx-file-node.ts";
import { makeBatchDynamic } from "../passes/graph/make-batch-dynamic.ts";
import { withoutSoftmax } from "../passes/graph/without-softmax.ts";
import { readModelFile } from "../predict/model-file-node.ts";

/** What a run is to begin with, as far as it can be known before its data. */
export interface Origin {
  /** How the run calls its network. */
  readonly name: string;
  /** A network that was not given by name: for any number of images, giving logits. */
  readonly imported?: Graph;
  /** Where its weights come from, as it was given; none for random ones. */
  readonly source?: string;
  /** How a run remembers that: valid from every folder. */
  readonly init?: string;
  /** How images were prepared when these weights were learned, as far as it is known. */
  readonly preprocessing?: Preprocessing | undefined;
  /** How images become as large as the network fixes, if it fixes a size: `fit` of `openData`. */
  readonly fit?: Fit;
}

/** What decides an origin besides the network. */
export interface OriginOptions {
  /** Weights to begin with, for a network given by name: a file of any format of `openWeights`, or `hf:…`. Default: random ones. */
  readonly weights?: string | undefined;
  /** With given weights, or a network that has its own: a fresh classifier, for other classes than theirs. */
  readonly resetHead?: boolean | undefined;
  /** Changes to the SE blocks of a network given by name; `false`: none of them. */
  readonly se?: SEPlan | false | undefined;
}

/**
 * Opens the network that a run begins with, before its data, which may take long.
 *
 * @param model a name as in `listModels`, the path of an `.onnx` file, or a network
 * @throws SenetError `unknown-name` for a name that is not known; `file` for a file that cannot be read; `usage` for options that do not go
 * together
 * @example const { fit } = await openOrigin("somebodys-network.onnx"); // { height: 224, width: 224, … }
 */
export async function openOrigin(model: string | Graph, options: OriginOptions = {}): Promise<Origin> {
  if (typeof model === "string" && !isModelFile(model)) return namedOrigin(model, options);
  const isFile = typeof model === "string";
  const what = isFile ? `the file ${model}` : `the network ${model.name}`;
  if (options.weights !== undefined) {
    throw usageError(
      `\`weights\` works for a model given by name, found ${what}, which has its weights; leave it out.`,
    );
  }
  if (options.se !== undefined) {
    throw usageError(
      `Options of SE blocks, such as \`reduction\`, work for a model given by name, found ${what}; leave them out.`,
    );
  }
  const graph = isFile ? await readOnnxFile(model) : model;
  const preprocessing = readDescription(graph, isFile ? model : model.name);
  const imported = withoutSoftmax(makeBatchDynamic(graph));
  const [height, width] = imported.inputs[0]?.shape.slice(2) ?? [];
  const { interpolation = "bilinear" } = preprocessing ?? {};
  return {
    name: isFile ? basename(model).replace(/\.onnx$/, "") : model.name,
    imported,
    ...(isFile ? { source: model, init: resolve(model) } : { source: model.name, init: model.name }),
    preprocessing,
    ...(typeof height === "number" &&
      typeof width === "number" && { fit: { height, width, cropFraction: 1, interpolation } }),
  };
}

async function namedOrigin(name: string, { weights, resetHead, se }: OriginOptions): Promise<Origin> {
  const entry = findModel(name);
  if (!entry) throw new SenetError("unknown-name", whyUnknown(name));
  // Building is fast, and reports changes that the network does not accept.
  if (se !== undefined) createModel(name, { se });
  if (weights === undefined) {
    if (!resetHead) return { name };
    throw usageError("`resetHead`: expected `weights`, or an .onnx file, found neither; leave it out.");
  }
  const described = weights.endsWith(".onnx")
    ? readDescription((await readModelFile(weights)).facts, weights)
    : undefined;
  return {
    name,
    source: weights,
    init: weights.startsWith("hf:") ? weights : resolve(weights),
    preprocessing: described ?? entry.preprocessing,
  };
}
