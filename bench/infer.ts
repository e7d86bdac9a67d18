import { createModel } from "../src/models/create-model.ts";
import { dotChart } from "../src/report/dot-chart.ts";
import { byTurns, type Row } from "./by-turns.ts";
import { imagesFor, ourForms } from "./engine-peers.ts";
import { inferenceStart, type JsFolders, openJsLibraries } from "./js-peers.ts";
import { type OutputOptions, progressFor, tell } from "./output.ts";
import { type Absent, type Start, startPeers, stopAll } from "./peer.ts";
import { exportStart, openTorch, type TorchOptions, torchStart } from "./torch-peers.ts";

interface Options extends TorchOptions, JsFolders, OutputOptions {
  readonly model: string;
  readonly threads: number;
  readonly rounds: number;
  /** Images at once in the measurement of throughput; 1 leaves it out. */
  readonly batch: number;
  readonly budget: number;
}

/** Rounds of the measurement of throughput, as a share of all. */
const THROUGHPUT_ROUNDS = 0.2;

/** Times every form of a network by turns: one image at a time, then in batches. */
export async function benchInfer(options: Options): Promise<void> {
  const { model, threads, rounds, batch, budget } = options;
  const progress = progressFor(options);
  const libraries = await openJsLibraries(options);
  const ours = ourForms(model, threads);
  const torch = openTorch(options, "torch_infer.py");
  const cannot: Absent[] = [];

  const measure = async (batch: number, rounds: number, isWanted: (name: string) => boolean) => {
    const starts = [
      ...(await ours(batch)),
      ...torchStarts(batch),
      ...libraries.map((library) => inferenceStart(library, model, batch)),
    ];
    const found = await startPeers(starts.filter(([name]) => isWanted(name)));
    cannot.push(...found.cannot.map((absent) => inBatch(absent, batch)));
    try {
      return await byTurns(found.peers, { rounds, runs: 1, budget, progress });
    } finally {
      await stopAll(found.peers);
    }
  };
  const torchStarts = (batch: number): Start[] => {
    if (torch === undefined) return [];
    const images = imagesFor(createModel(model, { batch }));
    const forms: [name: string, channelsLast: boolean, compiled: boolean][] = [
      ["PyTorch", false, false],
      ["PyTorch, channels_last", true, false],
      ...(options.compiled ? [["PyTorch, compiled", false, true] as [string, boolean, boolean]] : []),
    ];
    return [
      exportStart(images, { model, threads }, torch, progress),
      ...forms.map(([name, channelsLast, compiled]) => {
        const init = { model, size: images.shape[2], threads, channelsLast, compiled };
        return torchStart({ name, script: "torch_infer.py", batch, init }, torch, options, progress);
      }),
    ];
  };

  try {
    const rows = await measure(1, rounds, () => true);
    const tooSlow = rows.filter(({ ms }) => ms.median * batch > 1000 * budget);
    const inBatches =
      batch === 1
        ? []
        : await measure(batch, Math.ceil(THROUGHPUT_ROUNDS * rounds), (name) =>
            rows.some((row) => row.name === name && !tooSlow.includes(row)),
          );
    if (batch > 1) {
      cannot.push(
        ...tooSlow.map(({ name }) => inBatch({ name, why: `it would take more than ${budget} s` }, batch)),
      );
    }
    const result = {
      model,
      threads,
      rounds,
      rows: rows.map((row) => ({ ...row, ...throughputOf(row, inBatches) })),
      ...(cannot.length > 0 && { cannot }),
    };
    await tell(result, options, () => draw(model, threads, rows, inBatches, batch));
  } finally {
    torch?.stop();
  }
}

function inBatch({ name, why }: Absent, batch: number): Absent {
  return { name: batch === 1 ? name : `${name}, batch ${batch}`, why };
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
