import { stat } from "node:fs/promises";
import { join } from "node:path";
import { randomTensor } from "../../analysis/random-feeds.ts";
import { SenetError, usageError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import { randomStream } from "../../base/random.ts";
import { readWhole } from "../../files/read-whole-node.ts";
import type { Graph } from "../../ir/graph.ts";
import { parseOnnxFile } from "../../onnx/read-onnx-file-node.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { compressWeights } from "../../passes/quantization/compress-weights.ts";
import type { Classifier } from "../../predict/classifier.ts";
import { readCalibrationImages } from "../../quantize/calibration-images-node.ts";
import { type LabelledImages, openLabelledImages } from "../../quantize/labelled-images-node.ts";
import { quantize } from "../../quantize/quantize-node.ts";
import type { Quantized } from "../../quantize/quantize-options.ts";
import { createSession } from "../../runtime/node.ts";
import { timeModels } from "../../runtime/time-models-node.ts";
import { evaluate } from "../../train/evaluate.ts";
import { runFiles } from "../../train/run-folder-node.ts";
import type { Run } from "../shared/define-command.ts";
import { classifierOf } from "../shared/preprocessing.ts";
import { printJson, printText } from "../shared/print.ts";
import { counter, createProgress, type Progress } from "../shared/progress.ts";
import { checkOutput, writeModel } from "../shared/write-model.ts";
import type { command, QuantizeFlags } from "./command.ts";
import { describeQuantization, quantizationJson } from "./report.ts";

const EVALUATION_BATCH = 64;
const TIMING = { rounds: 30, warmup: 3, budgetMs: 5000 } as const;

/** `senet quantize IN OUT.onnx`: writes the network in fewer bits, and says what that cost and gave. */
export const run: Run<typeof command> = async ([model, out], flags) => {
  checkFlags(flags);
  const file = (await stat(model).catch(() => undefined))?.isDirectory()
    ? join(model, runFiles.model)
    : model;
  await checkOutput(out, flags.force, file);
  const bytes = await readWhole(file);
  const graph = parseOnnxFile(file, bytes);
  // Errors name the file, which the user knows, not the network in it.
  const named = { ...graph, name: file };
  using progress = createProgress();
  // For weights alone only where images were given to test the network.
  const isSeen = flags.weights === undefined || flags.data !== undefined;
  const network = isSeen ? await classifierOf(file, graph, bytes, flags) : undefined;
  await using images = network && (await labelledImages(network, flags));
  const score = images && network ? scorer(network, images, flags, progress) : undefined;
  const made: Partial<Quantized> & { readonly graph: Graph } =
    flags.weights === undefined
      ? await calibrated(named, network as Classifier, flags, score, progress)
      : { graph: compressWeights(named, flags.weights) };
  const accuracy =
    made.accuracy ?? (score && { float: await score(graph), quantized: await score(made.graph) });
  const [before, after] = [writeOnnx(graph), writeOnnx({ ...made.graph, name: graph.name })];
  const ms = await timed(graph, [before, after], network, flags, progress);
  if (!(await writeModel(out, { byteLength: after.length, chunks: [after] }))) return;
  progress.end();
  const result = {
    model: file,
    out,
    flags,
    made,
    ms,
    bytes: { float: before.length, quantized: after.length },
    accuracy: accuracy && { ...accuracy, images: images?.length ?? 0 },
  };
  if (flags.json) printJson(quantizationJson(result));
  else printText(describeQuantization(result));
};

function checkFlags({ calibrate, weights, maxDrop, keepFloat, method, percentile }: QuantizeFlags): void {
  if (weights === undefined && calibrate === undefined) {
    throw usageError(
      "senet quantize: expected --calibrate with images to see ranges on, or --weights; give one.",
    );
  }
  const useless = { "--calibrate": calibrate, "--max-drop": maxDrop, "--keep-float": keepFloat };
  const given = Object.entries(useless).find(([, value]) => value !== undefined)?.[0];
  if (weights !== undefined && given !== undefined) {
    throw usageError(
      `senet quantize: ${given} works for integer arithmetic, found --weights ${weights}; leave one out.`,
    );
  }
  if (percentile !== undefined && method !== "percentile") {
    throw usageError(
      `senet quantize: --percentile works for --method percentile, found ${method}; leave one out.`,
    );
  }
}

/** What `--data` names, or else the images of `--calibrate` where they are labeled. */
async function labelledImages(
  network: Classifier,
  { data, calibrate = "", maxDrop }: QuantizeFlags,
): Promise<LabelledImages | undefined> {
  if (data !== undefined) return openLabelledImages(data, network);
  try {
    return await openLabelledImages(calibrate, network);
  } catch (error) {
    if (!(error instanceof SenetError) || maxDrop !== undefined) throw error;
    return undefined;
  }
}

async function calibrated(
  graph: Graph,
  network: Classifier,
  flags: QuantizeFlags,
  score: ((graph: Graph) => Promise<number>) | undefined,
  progress: Progress,
) {
  const { calibrate = "", images: count, seed, method, percentile, reduceRange, threads, maxDrop } = flags;
  const images = await readCalibrationImages(calibrate, network, {
    count,
    seed,
    onProgress: counter(progress, "reading images"),
  });
  if (images.skipped.length > 0) {
    progress.line(
      `skipped ${plural(images.skipped.length, "file")} that cannot be decoded, such as ${images.skipped[0]}`,
    );
  }
  const made = await quantize(graph, images.batches, {
    method,
    percentile,
    reduceRange,
    threads,
    keepFloat: flags.keepFloat?.split(",").map((name) => name.trim()) ?? [],
    goal: maxDrop !== undefined && score ? { maxDrop: maxDrop / 100, score } : undefined,
    onProgress: ({ what, done, total }) => counter(progress, what)(done, total),
  });
  return { ...made, images: images.count };
}

/** Measures accuracy on the labeled images, 0 to 1. */
function scorer(
  network: Classifier,
  images: LabelledImages,
  { threads }: QuantizeFlags,
  progress: Progress,
): (graph: Graph) => Promise<number> {
  const { batch = EVALUATION_BATCH, channels, fit, endsInSoftmax: probabilities } = network;
  const shape = [channels, fit.height, fit.width];
  const count = counter(progress, "testing");
  return async (graph) => {
    await using session = await createSession(writeOnnx(graph), { threads });
    const onSamples = (done: number) => count(done, images.length);
    const metrics = await evaluate(session, images.batches(batch), shape, { probabilities, onSamples });
    return metrics?.top1 ?? 0;
  };
}

/** Median milliseconds of one run of each model, by turns, on one image (or as many as the network fixes). */
async function timed(
  graph: Graph,
  models: readonly Uint8Array[],
  network: Classifier | undefined,
  { threads }: QuantizeFlags,
  progress: Progress,
): Promise<readonly number[] | undefined> {
  const [{ name = "", shape }] = graph.inputs;
  const sides = network && [network.fit.height, network.fit.width];
  const dims = shape.map((dim, axis) => (typeof dim === "number" ? dim : axis === 0 ? 1 : sides?.[axis - 2]));
  if (!dims.every((dim) => dim !== undefined)) return undefined;
  const feeds = { [name]: randomTensor(dims, randomStream(0)) };
  const latencies = await timeModels(
    models.map((model, i) => ({ name: String(i), model, task: (session) => () => session.run(feeds) })),
    { ...TIMING, threads, onRound: counter(progress, "timing") },
  );
  return latencies.map(({ median }) => median);
}
