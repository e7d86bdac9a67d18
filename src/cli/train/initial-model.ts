import { basename, resolve } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { namePattern } from "../../base/name-pattern.ts";
import { type Graph, parametersOf } from "../../ir/graph.ts";
import { readDescription } from "../../models/describe-model.ts";
import { findModel } from "../../models/find-model.ts";
import type { Preprocessing } from "../../models/model-entry.ts";
import { readOnnxFile } from "../../onnx/read-onnx-file-node.ts";
import { makeBatchDynamic } from "../../passes/graph/make-batch-dynamic.ts";
import { withoutSoftmax } from "../../passes/graph/without-softmax.ts";
import { readModelFile } from "../../predict/model-file-node.ts";
import { buildModel } from "../../train/build.ts";
import type { TrainConfig } from "../../train/config.ts";
import { resetHead } from "../../weights/reset-head.ts";
import { applyWeights } from "../shared/apply-weights.ts";
import type { TrainFlags } from "../shared/flags.ts";
import { isModelFile } from "../shared/load-model.ts";

/** What a run is to begin with, before its data is known. */
export interface Origin {
  /** How the run calls its network. */
  readonly name: string;
  /** A network from a file, for any number of images, giving logits. */
  readonly imported?: Graph | undefined;
  /** Where its weights come from; none for random ones. */
  readonly source?: string | undefined;
  /** How images were prepared when these weights were learned, as far as it is known. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Height and width that the network fixes. */
  readonly size?: readonly [height: number, width: number] | undefined;
}

/** What MODEL and `--init` say. */
export async function originOf(model: string, { init }: Pick<TrainFlags, "init">): Promise<Origin> {
  if (!isModelFile(model)) {
    if (init === undefined) return { name: model };
    const described = init.endsWith(".onnx")
      ? readDescription((await readModelFile(init)).facts, init)
      : undefined;
    return { name: model, source: init, preprocessing: described ?? findModel(model)?.preprocessing };
  }
  if (init !== undefined) {
    throw new SenetError(
      "usage",
      `--init works for a model given by name, found the file ${model}, which has its weights; leave it out.`,
    );
  }
  const graph = await readOnnxFile(model);
  const imported = withoutSoftmax(makeBatchDynamic(graph));
  const [height, width] = imported.inputs[0]?.shape.slice(2) ?? [];
  return {
    name: basename(model).replace(/\.onnx$/, ""),
    imported,
    source: model,
    preprocessing: readDescription(graph, model),
    size: typeof height === "number" && typeof width === "number" ? [height, width] : undefined,
  };
}

/**
 * The network of a run that begins with given weights, for the data's classes.
 *
 * @throws SenetError `checkpoint` for weights that do not fit; `data` for images or classes that do not
 */
export async function initialModel(
  { imported, source }: Origin,
  config: TrainConfig,
  flags: Pick<TrainFlags, "resetHead" | "offline" | "json">,
): Promise<Graph | undefined> {
  if (source === undefined) return undefined;
  const { json, offline } = flags;
  if (!imported) {
    const options = {
      weights: source,
      ...(flags.resetHead && { resetHead: flags.resetHead }),
      ...(offline && { offline }),
      ...(json && { json }),
    };
    return (await applyWeights(buildModel(config), options)).graph;
  }
  checkImages(source, imported, config);
  const { length } = config.classes;
  if (flags.resetHead) return resetHead(imported, length, config.seed);
  const classes = imported.outputs[0].value.shape[1];
  if (classes === length) return imported;
  throw new SenetError(
    "data",
    `${config.data.path}: expected the ${classes} classes of ${source}, found ${length}; give --reset-head for a fresh classifier.`,
  );
}

function checkImages(source: string, { inputs: [images] }: Graph, { input, data }: TrainConfig): void {
  const fits = images.shape.slice(1).every((dim, axis) => typeof dim === "string" || dim === input[axis]);
  if (fits) return;
  throw new SenetError(
    "data",
    `${data.path}: expected images of ${images.shape.slice(1).join("×")} for ${source}, found ${input.join("×")}; choose another --size or other data.`,
  );
}

/**
 * Checks that every pattern of the configuration, and each of its alternatives, fits some parameter.
 *
 * @throws SenetError `usage` telling which first names there are
 */
export function checkPatterns({ freeze, lrScale = [] }: TrainConfig, model: Graph): void {
  const names = parametersOf(model).map(({ name = "" }) => name);
  const patterns = [
    ...(freeze === undefined ? [] : [["--freeze", freeze] as const]),
    ...lrScale.map(([pattern]) => ["--lr-scale", pattern] as const),
  ].flatMap(([option, pattern]) => alternativesOf(pattern).map((one) => [option, one] as const));
  for (const [option, pattern] of patterns) {
    if (names.some(namePattern(pattern))) continue;
    const first = [...new Set(names.map((name) => name.split(".")[0]))];
    throw new SenetError(
      "usage",
      `${option}: expected a pattern that fits parameters, such as ${first.slice(0, 3).join(", ")} or ${first.at(-1)}, found "${pattern}", which fits none; correct it.`,
    );
  }
}

/** The names of `conv1|layer1` apart, so that one that is misspelt shows; a pattern with brackets is one. */
function alternativesOf(pattern: string): string[] {
  return /[()[\]\\]/.test(pattern) ? [pattern] : pattern.split("|");
}

/** Where weights came from, as a run remembers it. */
export function placeOfSource(source: string): string {
  return source.startsWith("hf:") ? source : resolve(source);
}
