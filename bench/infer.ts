import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../src/analysis/latency.ts";
import { randomFeeds } from "../src/analysis/random-feeds.ts";
import type { Graph } from "../src/ir/graph.ts";
import { createModel } from "../src/models/create-model.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";
import { operatorTable } from "../src/ops/new-graph.ts";
import { optimize } from "../src/passes/optimize.ts";
import { quantize } from "../src/quantize/quantize-node.ts";
import { createSession } from "../src/runtime/node.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { round } from "./round.ts";
import { startTorch, type Torch } from "./torch.ts";

interface Options {
  readonly model: string;
  readonly threads: number;
  readonly rounds: number;
  readonly torch?: string;
  readonly compiled?: boolean;
  readonly json?: boolean;
}

/** Runs one image and says how many milliseconds that took. */
interface Peer {
  readonly name: string;
  run(): Promise<number>;
}

const WARMUP = 3;

/** Times one image through every form of a network, all by turns, every other round in reverse. */
export async function benchInfer(options: Options): Promise<void> {
  const { model, threads, rounds, json } = options;
  const torch = options.torch === undefined ? undefined : startTorch(options.torch, "torch_infer.py");
  try {
    const peers = [...(await ourPeers(options)), ...(torch ? await torchPeers(torch, options) : [])];
    const times = peers.map((): number[] => []);
    const order = [...peers.keys()];
    for (let i = -WARMUP; i < rounds; i++) {
      for (const index of order) {
        const ms = await peers[index].run();
        if (i >= 0) times[index].push(ms);
      }
      order.reverse();
      if (!json && i >= 0 && (i + 1) % 10 === 0) process.stderr.write(`round ${i + 1} of ${rounds}\n`);
    }
    const base = median(times[0]);
    const rows = peers.map(({ name }, i) => ({
      name,
      ms: { min: round(Math.min(...times[i])), median: round(median(times[i])) },
      ratio: round(median(times[i]) / base),
    }));
    process.stdout.write(`${JSON.stringify({ model, threads, rounds, rows }, null, json ? 0 : 2)}\n`);
  } finally {
    torch?.stop();
  }
}

/** The plain network first: what the others' ratios refer to. */
async function ourPeers({ model, threads }: Options): Promise<Peer[]> {
  const plain = createModel(model.replace(/^(legacy_)?se/, "$1"), { batch: 1 });
  const se = createModel(model, { batch: 1 });
  const block = await probeBlock();
  const graphs: [name: string, graph: Graph][] = [
    ["plain", plain],
    ["SE", se],
    ["SE, optimized", optimize(se).graph],
    ["SE, int8", await inIntegers(se)],
  ];
  if (block !== undefined) {
    graphs.push(["SE, optimized for this machine", optimize(se, { block }).graph]);
    graphs.push(["plain, optimized for this machine", optimize(plain, { block }).graph]);
  }
  const peers: Peer[] = [];
  for (const [name, graph] of graphs) {
    peers.push(await enginePeer(name, encodeOnnx(graph, operatorTable), graph, threads));
  }
  return peers;
}

/** The network in 8 bits. What its values become on noise is enough for speed, which does not depend on ranges. */
async function inIntegers(graph: Graph): Promise<Graph> {
  return (await quantize(graph, Object.values(randomFeeds(graph)))).graph;
}

/** A model in onnxruntime-node; `graph` says what it is fed, in the order of the model's inputs. */
async function enginePeer(
  name: string,
  bytes: Uint8Array,
  { inputs }: Graph,
  threads: number,
): Promise<Peer> {
  const session = await createSession(bytes, { threads });
  const fed = Object.values(randomFeeds({ inputs, outputs: [], nodes: [], name, metadata: {} }));
  const feeds = Object.fromEntries(session.inputs.map((port, i) => [port.name, fed[i]]));
  return {
    name,
    async run() {
      const before = performance.now();
      await session.run(feeds);
      return performance.now() - before;
    },
  };
}

async function torchPeers(torch: Torch, { model, threads, compiled }: Options): Promise<Peer[]> {
  const se = createModel(model, { batch: 1 });
  const size = Number(se.inputs[0].shape[2]);
  const forms: [name: string, channelsLast: boolean, compiled: boolean][] = [
    ["PyTorch", false, false],
    ["PyTorch, channels_last", true, false],
    ...(compiled ? [["PyTorch, compiled", false, true] as [string, boolean, boolean]] : []),
  ];
  const peers: Peer[] = [await timmExport(torch, { model, size, threads, se })];
  for (const [name, channelsLast, isCompiled] of forms) {
    await torch.ask({ cmd: "init", id: name, model, size, threads, channelsLast, compiled: isCompiled });
    peers.push({
      name,
      run: async () => ((await torch.ask({ cmd: "run", id: name, count: 1 })).ms as number[])[0],
    });
  }
  return peers;
}

interface Export {
  readonly model: string;
  readonly size: number;
  readonly threads: number;
  readonly se: Graph;
}

async function timmExport(torch: Torch, { model, size, threads, se }: Export): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
  try {
    const path = join(folder, "timm.onnx");
    await torch.ask({ cmd: "export", model, size, path });
    return await enginePeer("onnxruntime on timm's export", readFileSync(path), se, threads);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
