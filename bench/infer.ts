import { createModel } from "../src/models/create-model.ts";
import { byTurns, type Row } from "./by-turns.ts";
import { dotChart } from "./dot-chart.ts";
import { imagesFor, ourForms } from "./engine-peers.ts";
import { inferenceStart, type JsFolders, openJsLibraries } from "./js-peers.ts";
import { type OutputOptions, progressFor, writeResult } from "./output.ts";
import { type Absent, type Start, startPeers, stopAll } from "./peer.ts";
import type { Torch } from "./torch.ts";
import { exportStart, openTorch, type TorchOptions, torchStart } from "./torch-peers.ts";

interface Options extends TorchOptions, JsFolders, OutputOptions {
  readonly model: string;
  readonly threads: number;
  readonly rounds: number;
  /** Images at once in the measurement of throughput; 1 leaves it out. */
  readonly batch: number;
  /** Images in one run of ours, where not as many as `senet eval` takes. */
  readonly atOnce?: number;
  readonly budget: number;
}

/** Rounds of the measurement of throughput, as a share of all. */
const THROUGHPUT_ROUNDS = 0.2;

/** Times every form of a network by turns: one image, then a number of them. */
export async function benchInfer(options: Options): Promise<void> {
  const { model, threads, rounds, batch, budget } = options;
  const libraries = await openJsLibraries(options);
  const ours = ourForms(model, threads, options.atOnce);
  const torch = openTorch(options, "torch_infer.py");
  const startsOf = async (batch: number) => [
    ...(await ours(batch)),
    ...torchStarts(torch, batch, options),
    ...libraries.map((library) => inferenceStart(library, model, batch)),
  ];
  try {
    const single = await measure(await startsOf(1), rounds, options);
    const { rows, cannot } = single;
    const tooSlow = rows.filter(({ ms }) => ms.median * batch > 1000 * budget);
    const fast = rows.filter((row) => !tooSlow.includes(row)).map(({ name }) => name);
    const starts = batch === 1 ? [] : await startsOf(batch);
    const wanted = starts.filter(([name]) => fast.includes(name));
    const inBatches = await measure(wanted, Math.ceil(THROUGHPUT_ROUNDS * rounds), options);
    if (batch > 1) {
      const late = tooSlow.map(({ name }) => ({ name, why: `it would take more than ${budget} s` }));
      const absent = [...inBatches.cannot, ...late];
      cannot.push(...absent.map(({ name, why }) => ({ name: `${name}, batch ${batch}`, why })));
    }
    const result = {
      model,
      threads,
      rounds,
      ...(batch > 1 && { atOnce: options.atOnce ?? "as senet eval" }),
      rows: rows.map((row) => ({ ...row, ...throughputOf(row, inBatches.rows) })),
      ...(cannot.length > 0 && { cannot }),
    };
    await writeResult(result, options, () => draw(model, threads, rows, inBatches.rows, batch));
  } finally {
    torch?.stop();
  }
}

/** Starts peers, times them by turns and stops them. */
async function measure(
  starts: readonly Start[],
  rounds: number,
  { budget, ...options }: Options,
): Promise<{ rows: Row[]; cannot: Absent[] }> {
  const { peers, cannot } = await startPeers(starts);
  try {
    const rows =
      peers.length === 0
        ? []
        : await byTurns(peers, { rounds, runs: 1, budget, progress: progressFor(options) });
    return { rows, cannot };
  } finally {
    await stopAll(peers);
  }
}

/** PyTorch's forms of the network, and what onnxruntime makes of its export. */
function torchStarts(torch: Torch | undefined, batch: number, options: Options): Start[] {
  if (torch === undefined) return [];
  const { model, threads } = options;
  const progress = progressFor(options);
  const images = imagesFor(createModel(model, { batch }));
  const forms: [name: string, channelsLast: boolean, compiled: boolean][] = [
    ["PyTorch", false, false],
    ["PyTorch, channels_last", true, false],
    ["PyTorch, compiled", false, true],
  ];
  return [
    exportStart(images, { model, threads }, torch, progress),
    ...forms
      .filter(([, , compiled]) => !compiled || options.compiled)
      .map(([name, channelsLast, compiled]) => {
        const init = { model, size: images.shape[2], threads, channelsLast, compiled };
        return torchStart({ name, script: "torch_infer.py", batch, init }, torch, options, progress);
      }),
  ];
}

/** What the same form does in batches. */
function throughputOf(row: Row, inBatches: readonly Row[]): { throughput?: Omit<Row, "name"> } {
  const found = inBatches.find(({ name }) => name === row.name);
  if (!found) return {};
  const { name, ...throughput } = found;
  return { throughput };
}

function draw(
  model: string,
  threads: number,
  rows: readonly Row[],
  inBatches: readonly Row[],
  batch: number,
): string {
  const perImage = (row: Row | undefined) => (row ? row.ms.median / row.batch : Number.NaN);
  return dotChart(
    rows.map((row) => ({
      name: row.name,
      values: [perImage(row), perImage(inBatches.find(({ name }) => name === row.name))],
    })),
    {
      title: `Inference of ${model} and its plain twin, ${threads} threads`,
      xLabel: "milliseconds an image (median)",
      series: batch === 1 ? ["one image at a time"] : ["one image at a time", `batches of ${batch}`],
    },
  );
}
