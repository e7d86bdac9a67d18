import { byTurns, type Row } from "./by-turns.ts";
import { dotChart } from "./dot-chart.ts";
import { type JsFolders, openJsLibraries, trainingStart } from "./js-peers.ts";
import { type OutputOptions, progressFor, writeResult } from "./output.ts";
import { type Start, startPeers, stopAll } from "./peer.ts";
import { round } from "./round.ts";
import { recipe, type SenetPeerOptions, senetPeer } from "./senet-peer.ts";
import { openTorch, type TorchOptions, torchStart } from "./torch-peers.ts";

interface Options extends SenetPeerOptions, TorchOptions, JsFolders, OutputOptions {
  readonly steps: number;
  readonly rounds: number;
  /** Images a step of the JavaScript libraries. */
  readonly jsBatch: number;
  readonly budget: number;
}

/** The forms of PyTorch's step to compare with, and their fields of the result. */
const forms = [
  { name: "PyTorch", field: "torchMs", channelsLast: false, compiled: false },
  { name: "PyTorch, channels_last", field: "torchChannelsLastMs", channelsLast: true, compiled: false },
  { name: "PyTorch, compiled", field: "torchCompiledMs", channelsLast: true, compiled: true },
];

/** Times the training step by turns with that of other libraries. */
export async function benchTrain(options: Options): Promise<void> {
  const { model, size, batch, threads, rounds, steps, budget, jsBatch } = options;
  const progress = progressFor(options);
  const libraries = await openJsLibraries(options);
  const ours = await senetPeer(options); // before PyTorch begins to load, which would slow down making the session
  const torch = openTorch(options, "torch_step.py");
  const torchStarts = forms
    .filter(({ compiled }) => !compiled || options.compiled)
    .flatMap(({ name, channelsLast, compiled }): Start[] => {
      if (torch === undefined) return [];
      const init = { model, size, threads, channelsLast, compiled, ...recipe };
      return [torchStart({ name, script: "torch_step.py", batch, init }, torch, options, progress)];
    });
  try {
    const { peers, cannot } = await startPeers([
      ["senet", async () => ours],
      ...torchStarts,
      ...libraries.map((library) => trainingStart(library, { model, size, threads, batch: jsBatch })),
    ]);
    const timing = byTurns(peers, { rounds, runs: steps, budget, progress });
    const rows = await timing.finally(() => stopAll(peers));
    const [{ ms, imagesPerSecond }] = rows;
    const named = new Map(rows.map((row) => [row.name, row.ms.median]));
    const theirs = forms.flatMap(({ name, field }) => {
      const median = named.get(name);
      return median === undefined ? [] : [[field, median]];
    });
    const best = named.get("PyTorch, channels_last");
    const result = {
      model,
      size,
      batch,
      threads,
      engine: ours.engine,
      stepMs: ms,
      imagesPerSecond,
      sessionMs: round(ours.sessionMs),
      ...Object.fromEntries(theirs),
      ...(best !== undefined && { ratio: round(ms.median / best) }),
      rows,
      ...(cannot.length > 0 && { cannot }),
    };
    await writeResult(result, options, () => draw(options, rows));
  } finally {
    torch?.stop(); // waits with its input open, and this process with it
  }
}

function draw({ model, size, batch, threads }: Options, rows: readonly Row[]): string {
  return dotChart(
    rows.map((row) => ({
      name: row.batch === batch ? row.name : `${row.name}, batch ${row.batch}`,
      values: [row.ms.median / row.batch],
    })),
    {
      title: `A training step of ${model}, ${size}×${size}, batch ${batch}, ${threads} threads`,
      xLabel: "milliseconds an image (median)",
      series: ["a step, forward and backward"],
    },
  );
}
