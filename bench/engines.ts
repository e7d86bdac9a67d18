import { median } from "../src/analysis/latency.ts";
import { addCounts, nodeCosts } from "../src/analysis/node-cost.ts";
import { SenetError } from "../src/base/errors.ts";
import { createModel } from "../src/models/create-model.ts";
import { listModels } from "../src/models/list-models.ts";
import { engineNames } from "../src/train/engine/engine.ts";
import { byTurns } from "./by-turns.ts";
import { type OutputOptions, progressFor } from "./output.ts";
import { stopAll } from "./peer.ts";
import { round } from "./round.ts";
import { type SenetPeer, senetPeer } from "./senet-peer.ts";

interface Options extends OutputOptions {
  readonly threads: number;
  readonly rounds: number;
}

/** Sizes of images that are tried, the smallest first: that of CIFAR is for its networks alone. */
const SIZES = [64, 112, 224];
const CIFAR_SIZE = 32;
/** Multiplications of a forward pass, about: a step is then neither noise nor minutes. */
const MACS = 4e9;
const [FEWEST, MOST] = [4, 64];

/** One network's step on both engines. */
interface Row {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly onednnMs: number;
  readonly onnxruntimeMs: number;
  readonly ratio: number;
}

/** Times the training step of networks on both engines by turns, on the smallest images that each takes. */
export async function benchEngines(networks: readonly string[], options: Options): Promise<void> {
  const names = networks.length > 0 ? networks : listModels();
  const rows: Row[] = [];
  const cannot: { model: string; why: string }[] = [];
  for (const model of names) {
    try {
      const row = await timeModel(model, options);
      rows.push(row);
      if (!options.json) process.stderr.write(`${JSON.stringify(row)}\n`);
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
      cannot.push({ model, why: error.message });
      if (!options.json) process.stderr.write(`${model}: ${error.message}\n`);
    }
  }
  const ratios = rows.map(({ ratio }) => ratio);
  const slower = rows.filter(({ ratio }) => ratio > 1).map(({ model }) => model);
  const result = { networks: rows.length, median: round(median(ratios)), slower, cannot, rows };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
}

async function timeModel(model: string, { threads, rounds, json }: Options): Promise<Row> {
  const { size, batch } = smallStep(model);
  const peers: SenetPeer[] = [];
  try {
    for (const engine of engineNames) peers.push(await senetPeer({ model, size, batch, threads, engine }));
    const progress = progressFor({ json: json ?? false });
    const [onednn, onnxruntime] = await byTurns(peers, { rounds, runs: 2, budget: 20, progress });
    const [onednnMs, onnxruntimeMs] = [onednn.ms.median, onnxruntime.ms.median];
    return { model, size, batch, onednnMs, onnxruntimeMs, ratio: round(onednnMs / onnxruntimeMs) };
  } finally {
    await stopAll(peers);
  }
}

/** The smallest images that a network takes, and as many as make a step of some length. */
function smallStep(model: string): { size: number; batch: number } {
  const [, ownSize] = createModel(model).inputs[0].shape.slice(1).map(Number);
  const sizes = ownSize === CIFAR_SIZE ? [CIFAR_SIZE] : SIZES;
  for (const size of sizes) {
    const macs = macsOf(model, size);
    if (macs === undefined) continue;
    const fitting = 2 ** Math.floor(Math.log2(MACS / macs));
    return { size, batch: Math.min(MOST, Math.max(FEWEST, fitting)) };
  }
  throw new SenetError(
    "usage",
    `${model}: expected a network for images of ${SIZES.join(", ")}; name another.`,
  );
}

/** Of one image; undefined where a network does not take the size. */
function macsOf(model: string, size: number): number | undefined {
  try {
    const graph = createModel(model, { input: [3, size, size], batch: 1 });
    return addCounts(nodeCosts(graph, new Set())).macs;
  } catch (error) {
    if (error instanceof SenetError && error.code === "shape") return undefined;
    throw error;
  }
}
