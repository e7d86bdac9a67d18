import { join } from "node:path";
import { SenetError, usageError } from "../../base/errors.ts";
import { grouped, percent } from "../../base/format.ts";
import { readWhole } from "../../files/read-whole-node.ts";
import { type ImageClassifier, openImageClassifier } from "../../predict/image-classifier-node.ts";
import { type ModelFile, modelFileOf, readModelFile } from "../../predict/model-file-node.ts";
import { type Prediction, topClasses } from "../../predict/top-classes.ts";
import { cleanText } from "../../report/clean-text.ts";
import { refuseFreshHead, refuseWithoutWeights } from "../shared/apply-weights.ts";
import type { Run } from "../shared/define-command.ts";
import { kindOfArgument, refuseClassesOf } from "../shared/load-model.ts";
import { preprocessingOf } from "../shared/preprocessing.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress } from "../shared/progress.ts";
import type { command, PredictFlags } from "./command.ts";

const DEFAULT_BATCH = 8;
/** Images from which on it pays to let the engine rewrite a network for its NCHWc layout (SE-ResNet-50: 150 ms once, 15 ms an image). */
const MANY = 10;

/** What became of one image. */
type Result = { readonly image: string } & (
  | { readonly predictions: readonly Prediction[] }
  | { readonly error: string }
);

/**
 * `senet predict MODEL IMAGE…`: prints the most probable classes of each image. An image that cannot be read is reported and does not
 * stop the others; the exit code is 1 then.
 */
export const run: Run<typeof command> = async ([model, images], flags) => {
  await using classifier = await openModel(model, images.length, flags);
  using progress = createProgress();
  const batchSize = flags.batch ?? classifier.batch ?? DEFAULT_BATCH;
  const results: Result[] = [];
  for (let from = 0; from < images.length; from += batchSize) {
    progress.update(() => `image ${grouped(from + 1)}/${grouped(images.length)}`);
    const part = await classify(classifier, images.slice(from, from + batchSize), flags.topK);
    progress.end();
    results.push(...part);
    if (!flags.json) part.forEach(printResult);
  }
  if (flags.json) printJson({ model, images: results });
  if (results.some((result) => "error" in result)) process.exitCode = 1;
};

async function openModel(model: string, count: number, flags: PredictFlags): Promise<ImageClassifier> {
  const { labels, size, threads } = flags;
  const file = await modelFile(model, flags);
  const options = {
    labels: labels === undefined ? undefined : await linesOf(labels),
    preprocessing: await preprocessingOf(flags),
    size,
    threads,
    images: count,
    // Integers are computed with only when the engine rewrites all it can, which there takes little time.
    optimize: count < MANY && !file.facts.isQuantized ? ("basic" as const) : ("all" as const),
  };
  return openImageClassifier(file, model, options);
}

/** The lines of a text file that a person wrote, without empty ones at its end. */
async function linesOf(file: string): Promise<string[]> {
  return new TextDecoder()
    .decode(await readWhole(file))
    .trimEnd()
    .split(/\r?\n/);
}

async function modelFile(model: string, flags: PredictFlags): Promise<ModelFile> {
  refuseFreshHead(flags);
  refuseWithoutWeights(flags);
  const kind = await kindOfArgument(model);
  if (kind === "file" || kind === "folder") refuseClassesOf(model, flags.classes);
  if (kind === "file" && flags.weights === undefined) return readModelFile(model);
  if (kind === "folder") {
    const { runFiles } = await import("../../train/run-folder-node.ts");
    const own = join(model, runFiles.model);
    if (flags.weights === undefined) return readModelFile(own);
    throw usageError(
      `--weights works for a model's name or file, found the run ${model}, which has its weights; leave it out or give ${own}.`,
    );
  }
  if (kind === undefined) {
    const { whyUnknown } = await import("../../models/find-model.ts");
    throw new SenetError("unknown-name", whyUnknown(model));
  }
  if (kind === "model" && flags.weights === undefined) {
    throw usageError(
      `${model}: expected weights with a model's name, as random ones predict nothing; give --weights, or an .onnx file.`,
    );
  }
  const { loadModel } = await import("../shared/load-model.ts");
  const { writeOnnx } = await import("../../onnx/write-onnx.ts");
  return modelFileOf(writeOnnx((await loadModel(model, flags)).graph), model);
}

async function classify(
  { prepare, run, labels }: ImageClassifier,
  images: readonly string[],
  topK: number,
): Promise<Result[]> {
  const prepared = await Promise.allSettled(images.map(prepare));
  const good = prepared.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const scores = (await run(good))[Symbol.iterator]();
  return prepared.map((one, i) => {
    const image = images[i];
    if (one.status === "fulfilled") {
      return { image, predictions: topClasses(scores.next().value ?? [], labels, topK) };
    }
    if (!(one.reason instanceof SenetError)) throw one.reason;
    return { image, error: one.reason.message };
  });
}

/** For people: an image's name and its classes on stdout, or what was wrong with it on stderr. */
function printResult(result: Result): void {
  if ("error" in result) {
    process.stderr.write(`senet: ${cleanText(result.error)}\n`);
    return;
  }
  const lines = result.predictions.map(
    ({ label, score }) => `${percent(score).padStart(10)}  ${cleanText(label)}`,
  );
  printText([cleanText(result.image), ...lines].join("\n"));
}
