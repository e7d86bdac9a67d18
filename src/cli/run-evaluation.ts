import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DatasetInfo } from "../data/dataset.ts";
import { openLoader } from "../data/loader-node.ts";
import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import { type ModelDescription, readDescription } from "../models/describe-model.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { createSession } from "../runtime/node.ts";
import { buildTrained } from "../train/build.ts";
import { checkConfig } from "../train/checkpoint.ts";
import type { TrainConfig } from "../train/config.ts";
import { evaluate } from "../train/evaluate.ts";
import { openRunFolder, runFiles } from "../train/run-folder-node.ts";
import { readSafetensorsFile } from "../weights/files-node.ts";
import { checkDataFlags } from "./check-flags.ts";
import type { EvalFlags } from "./flags.ts";
import { grouped, percent } from "./format.ts";
import { printJson, printText } from "./print.ts";
import { createProgress } from "./progress.ts";
import { decodeModel, readModel } from "./read-model.ts";
import { tellSkipped } from "./run-training.ts";

const DEFAULT_BATCH = 128;

/** `senet eval RUN|MODEL.onnx`: prints accuracy and loss on the test split. */
export async function evaluateTarget(target: string, flags: EvalFlags): Promise<void> {
  const { file, data, read } = await resolveTarget(target, flags);
  await checkDataFlags(data.path, flags);
  const bytes = await read();
  const graph = decodeModel(file, bytes);
  const network = describeNetwork(file, graph, flags);
  const progress = createProgress();
  const loader = await openLoader(
    { test: { ...data, size: data.size ?? squareSize(network), split: "test" } },
    {
      onProgress: ({ what, done, total }) =>
        progress.update(() => `${what} ${grouped(done)}/${grouped(total)}`),
    },
  );
  try {
    const info = loader.test;
    if (!info) throw new SenetError("data", `${data.path}: expected a test split, found none.`);
    tellSkipped(info, progress);
    checkFits(file, network, data.path, info);
    const batchSize = chooseBatch(file, network, flags, info);
    const session = await createSession(bytes, flags.threads === undefined ? {} : { threads: flags.threads });
    const { mean, std } = network;
    const batches = loader.batches("test", { batchSize, seed: 0, epoch: 0, mean, std });
    const metrics = await evaluate(session, batches, info.shape, {
      onSamples: (done) => progress.update(() => `testing ${grouped(done)}/${grouped(info.length)}`),
    });
    progress.end();
    await session.dispose();
    if (!metrics) return;
    const { top1, top5, loss } = metrics;
    const skipped = info.skipped.length;
    if (flags.json) {
      printJson({ model: file, data: data.path, samples: info.length, skipped, top1, top5, loss });
    } else {
      // Of five classes or fewer the five best are all.
      const ofFive = network.classCount > 5 ? `top-5 ${percent(top5)}, ` : "";
      printText(
        `${file}: top-1 ${percent(top1)}, ${ofFive}loss ${loss.toFixed(4)} on ${grouped(info.length)} images of ${data.path}`,
      );
    }
  } finally {
    progress.end();
    await loader.close();
  }
}

interface Target {
  readonly file: string;
  /** The bytes of an .onnx model. */
  readonly read: () => Promise<Uint8Array>;
  readonly data: { readonly path: string; readonly size: number | undefined; readonly skipBad: boolean };
}

async function resolveTarget(target: string, flags: EvalFlags): Promise<Target> {
  const found = await stat(target).catch(() => undefined);
  if (!found) {
    throw new SenetError(
      "file",
      `${target}: expected the folder of a run or an .onnx file, found nothing; check the path.`,
    );
  }
  const { size, skipBad = false } = flags;
  if (!found.isDirectory()) {
    refuseOtherFile(target, flags);
    if (flags.data === undefined) {
      throw new SenetError(
        "usage",
        "senet eval: expected --data with a model file; only a run knows its data.",
      );
    }
    return { file: target, data: { path: flags.data, size, skipBad }, read: () => readModel(target) };
  }
  const { config } = await openRunFolder(target);
  const name = flags.best ? runFiles.best : runFiles.model;
  const file = join(target, name);
  if (!(await stat(file).catch(() => undefined))) {
    throw new SenetError(
      "file",
      `${target}: expected a ${name}, found none, as no epoch is finished; go on with \`senet train --resume ${target}\`.`,
    );
  }
  const own = { ...config.data, size: size ?? config.data.size, skipBad: skipBad || config.data.skipBad };
  const data = flags.data === undefined ? own : { path: flags.data, size, skipBad };
  return { file, data, read: () => (flags.best ? exportCheckpoint(file, config) : readModel(file)) };
}

/** Other files of a run are taken for its model now and then. */
function refuseOtherFile(file: string, { best }: EvalFlags): void {
  if (best) {
    throw new SenetError(
      "usage",
      `--best: expected the folder of a run, found the file ${file}; leave it out.`,
    );
  }
  if (!/\.(json|jsonl|safetensors)$/.test(file)) return;
  throw new SenetError(
    "file",
    `${file}: expected the folder of a run or an .onnx file, found another kind of file; give the run's folder or its ${runFiles.model}.`,
  );
}

/** The network with a checkpoint's weights (their averages where the run keeps them) as .onnx bytes. */
async function exportCheckpoint(file: string, config: TrainConfig): Promise<Uint8Array> {
  const { tensors, metadata } = await readSafetensorsFile(file);
  checkConfig(metadata, config, file);
  return encodeOnnx(buildTrained(config, tensors), operatorTable);
}

/** What must be known of a network to feed it. */
interface Network extends Pick<ModelDescription, "mean" | "std"> {
  /** Images per run; undefined when any number fits. */
  readonly batch: number | undefined;
  /** Channels, height, width; undefined where any number fits. */
  readonly input: readonly (number | undefined)[];
  readonly classCount: number;
  /** Undefined when the file does not tell. */
  readonly classes: readonly string[] | undefined;
}

/** The metadata comes from a file: anything may be in it. */
const descriptionSchema = z.object({
  classes: z.array(z.string()).min(1).optional(),
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
});

function describeNetwork(file: string, graph: Graph, flags: EvalFlags): Network {
  const [images] = graph.inputs;
  const logits = graph.outputs[0]?.value;
  const classCount = logits?.shape[1];
  if (graph.inputs.length !== 1 || images.shape.length !== 4 || typeof classCount !== "number") {
    throw new SenetError(
      "graph",
      `${file}: expected a classifier with one input [N, C, H, W] and one row of logits per image, found another kind of network.`,
    );
  }
  const description = parseDescription(file, graph);
  const mean = flags.mean ?? description?.mean;
  const std = flags.std ?? description?.std;
  if (!mean || !std) {
    throw new SenetError(
      "usage",
      `${file}: expected how to normalise images, found no description in the file; give --mean and --std.`,
    );
  }
  const [batch, ...input] = images.shape.map((dim) => (typeof dim === "number" ? dim : undefined));
  return { batch, input, classCount, classes: description?.classes, mean, std };
}

function parseDescription(file: string, graph: Graph): z.infer<typeof descriptionSchema> | undefined {
  let description: unknown;
  try {
    description = readDescription(graph);
  } catch {
    description = null; // not JSON: falls through to the sentence below
  }
  if (description === undefined) return undefined;
  const parsed = descriptionSchema.safeParse(description);
  if (parsed.success) return parsed.data;
  throw new SenetError(
    "file",
    `${file}: expected a description of classes and preprocessing in its metadata "senet", found something else; export the model again.`,
  );
}

function squareSize({ input: [, height, width] }: Network): number | undefined {
  return height === width ? height : undefined;
}

function checkFits(file: string, network: Network, path: string, info: DatasetInfo): void {
  const shapeFits = network.input.every((dim, axis) => dim === undefined || dim === info.shape[axis]);
  if (!shapeFits) {
    throw new SenetError(
      "data",
      `${path}: expected images of ${network.input.map((dim) => dim ?? "any").join("×")} for ${file}, found ${info.shape.join("×")}; choose the data the model was trained on.`,
    );
  }
  const { classes, classCount } = network;
  if (info.classes.length > classCount) {
    throw new SenetError(
      "data",
      `${path}: expected at most the ${classCount} classes of ${file}, found ${info.classes.length}; choose the data the model was trained on.`,
    );
  }
  // Data without names numbers its classes, and may lack the last ones in its test split.
  const numbered = info.classes.every((name, index) => name === String(index));
  const different = classes ? info.classes.findIndex((name, index) => name !== classes[index]) : -1;
  if (classes && !numbered && (different >= 0 || info.classes.length !== classCount)) {
    const at = Math.max(0, different);
    throw new SenetError(
      "data",
      `${path}: expected the ${classCount} classes of ${file}, with "${classes[at]}" as number ${at}, found ${info.classes.length}, with "${info.classes[at]}" there; choose the data the model was trained on.`,
    );
  }
}

function chooseBatch(file: string, network: Network, { batch }: EvalFlags, info: DatasetInfo): number {
  if (network.batch === undefined) return batch ?? DEFAULT_BATCH;
  if ((batch === undefined || batch === network.batch) && info.length % network.batch === 0)
    return network.batch;
  const wanted = batch ?? `a number of images (${info.length}) that is a multiple of it`;
  throw new SenetError(
    "data",
    `${file}: expected ${wanted}, found a model whose batch is fixed at ${network.batch}; export it with a free batch.`,
  );
}
