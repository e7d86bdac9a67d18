import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SenetError, usageError } from "../../base/errors.ts";
import type { DatasetInfo } from "../../data/dataset/dataset.ts";
import { openLoader } from "../../data/loader/loader-node.ts";
import { findModel } from "../../models/find-model.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { type Classifier, describeClassifier } from "../../predict/classifier.ts";
import { type ModelFile, modelFileOf, readModelFile } from "../../predict/model-file-node.ts";
import { forManyImages } from "../../runtime/for-many-images-node.ts";
import { createSession } from "../../runtime/node.ts";
import type { Session } from "../../runtime/session.ts";
import { buildTrained } from "../../train/build.ts";
import { checkConfig } from "../../train/checkpoint.ts";
import { countBatch, newConfusion } from "../../train/confusion.ts";
import { evaluate } from "../../train/evaluate.ts";
import { openRunFolder, type RunFolder, runFiles } from "../../train/run-folder-node.ts";
import { readSafetensorsFile } from "../../weights/formats/safetensors-file-node.ts";
import { refuseFreshHead, refuseWithoutWeights } from "../shared/apply-weights.ts";
import { checkDataFlags } from "../shared/check-flags.ts";
import type { Run } from "../shared/define-command.ts";
import { loadModel, refuseClassesOf } from "../shared/load-model.ts";
import { openWithProgress } from "../shared/open-data.ts";
import { preprocessingOf } from "../shared/preprocessing.ts";
import { printJson, printText } from "../shared/print.ts";
import { counter, createProgress } from "../shared/progress.ts";
import type { command, EvalFlags } from "./command.ts";
import { describeEvaluation, evaluationJson } from "./report.ts";

const DEFAULT_BATCH = 128;
/** Classes up to which confusions are counted: the counts are their square. */
const MAX_CLASSES = 4096;

/** `senet eval RUN|MODEL.onnx`: prints how well a classifier does on the test split. */
export const run: Run<typeof command> = async ([target], flags) => {
  const { file, data, read } = await resolveTarget(target, flags);
  await checkDataFlags(data.path, flags);
  const { bytes, facts } = await read();
  const preprocessing = await preprocessingOf(flags);
  const { threads } = flags;
  await using session = await createSession(bytes, { threads });
  const network = describeClassifier(file, session, facts, { preprocessing, size: flags.size });
  // Once the images are counted.
  const many = (images: number) => forManyImages(session, bytes, { images, threads });
  await testOn(data, many, { file, network, flags });
};

/** Runs the test split of data through a classifier and prints the results. */
async function testOn(
  data: Target["data"],
  many: (images: number) => Promise<Session>,
  { file, network, flags }: { file: string; network: Classifier; flags: EvalFlags },
): Promise<void> {
  const batchSize = chooseBatch(file, network, flags);
  using progress = createProgress();
  const test = { path: data.path, skipBad: data.skipBad, fit: network.fit, split: "test" } as const;
  await using loader = await openWithProgress(progress, (options) => openLoader({ test }, options));
  const info = loader.test;
  if (!info)
    throw new SenetError(
      "data",
      `${data.path}: expected a test split, found none; add a folder test/ or val/, or give other data.`,
    );
  checkFits(file, network, data.path, info);
  const { length } = info.classes;
  if (!network.classes && length < network.classCount) {
    progress.line(
      `note: ${file} has ${network.classCount} classes without names, ${data.path} has ${length}, which are taken for the first`,
    );
  }
  const { normalization, classCount, endsInSoftmax } = network;
  const confusion = classCount <= MAX_CLASSES ? newConfusion(classCount) : undefined;
  await using session = await many(info.length);
  const batches = loader.batches("test", { batchSize, seed: 0, epoch: 0, ...normalization });
  const metrics = await evaluate(session, batches, info.shape, {
    probabilities: endsInSoftmax,
    onSamples: (done) => counter(progress, "testing")(done, info.length),
    onBatch: (logits, labels) => {
      if (confusion) countBatch(confusion, logits, labels);
    },
  });
  progress.end();
  if (!metrics) return;
  const classes = network.classes ?? info.classes;
  const evaluation = { model: file, data: data.path, info, metrics, classCount, classes, confusion };
  if (flags.json) printJson(evaluationJson(evaluation));
  else printText(describeEvaluation(evaluation));
}

interface Target {
  readonly file: string;
  readonly read: () => Promise<ModelFile>;
  readonly data: { readonly path: string; readonly skipBad: boolean };
}

async function resolveTarget(target: string, flags: EvalFlags): Promise<Target> {
  refuseFreshHead(flags);
  if (flags.weights !== undefined) return withWeights(target, flags);
  refuseWithoutWeights(flags);
  const found = await stat(target).catch(() => undefined);
  if (!found) {
    if (findModel(target)) {
      throw usageError(
        `${target}: expected the folder of a run or an .onnx file, found the name of a network, which has no trained weights; give some with --weights, or train it with \`senet train ${target} --data …\`.`,
      );
    }
    throw new SenetError(
      "file",
      `${target}: expected the folder of a run or an .onnx file, found nothing; check the path.`,
    );
  }
  refuseClassesOf(target, flags.classes);
  const { skipBad = false } = flags;
  if (!found.isDirectory()) {
    refuseOtherFile(target, flags);
    if (flags.data === undefined) {
      throw usageError("senet eval: expected --data with a model file; only a run knows its data.");
    }
    return { file: target, data: { path: flags.data, skipBad }, read: () => readModelFile(target) };
  }
  const folder = await openRunFolder(target);
  const { config } = folder;
  const name = flags.best ? runFiles.best : runFiles.model;
  const file = join(target, name);
  if (!(await stat(file).catch(() => undefined))) {
    throw new SenetError(
      "file",
      `${target}: expected a ${name}, found none, as no epoch is finished; resume with \`senet train --resume ${target}\`.`,
    );
  }
  const own = { path: config.data.path, skipBad: skipBad || config.data.skipBad };
  const data = flags.data === undefined ? own : { path: flags.data, skipBad };
  return { file, data, read: () => (flags.best ? exportCheckpoint(file, folder) : readModelFile(file)) };
}

/** A network, by name or from a file, with the weights of `--weights`. */
function withWeights(model: string, flags: EvalFlags): Target {
  if (flags.data === undefined || flags.best) {
    throw usageError(
      "senet eval: expected --data and no --best beside --weights, as only a run knows its data; correct it.",
    );
  }
  const read = async () => {
    const { graph } = await loadModel(model, flags);
    return modelFileOf(writeOnnx(graph), model);
  };
  return { file: model, read, data: { path: flags.data, skipBad: flags.skipBad ?? false } };
}

/** Other files of a run are taken for its model now and then. */
function refuseOtherFile(file: string, { best }: EvalFlags): void {
  if (best) {
    throw usageError(`--best: expected the folder of a run, found the file ${file}; leave it out.`);
  }
  if (!/\.(json|jsonl|safetensors)$/.test(file)) return;
  throw new SenetError(
    "file",
    `${file}: expected the folder of a run or an .onnx file, found another kind of file; give the run's folder or its ${runFiles.model}.`,
  );
}

/** The network with a checkpoint's weights (their averages where the run keeps them) as .onnx bytes. */
async function exportCheckpoint(file: string, folder: RunFolder): Promise<ModelFile> {
  const { config, model } = await folder.readRun();
  const { tensors, metadata } = await readSafetensorsFile(file);
  checkConfig(metadata, config, file);
  return modelFileOf(writeOnnx(buildTrained(config, model, tensors)), file);
}

function checkFits(file: string, network: Classifier, path: string, info: DatasetInfo): void {
  const { channels, fit, classes, classCount } = network;
  const shape = [channels, fit.height, fit.width];
  if (shape.join() !== info.shape.join()) {
    throw new SenetError(
      "data",
      `${path}: expected images of ${shape.join("×")} for ${file}, found ${info.shape.join("×")}; choose the data the model was trained on.`,
    );
  }
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

function chooseBatch(file: string, { batch }: Classifier, flags: EvalFlags): number {
  if (batch === undefined || flags.batch === undefined || flags.batch === batch) {
    return batch ?? flags.batch ?? DEFAULT_BATCH;
  }
  throw usageError(`--batch: expected ${batch}, which ${file} fixes, found ${flags.batch}; leave it out.`);
}
