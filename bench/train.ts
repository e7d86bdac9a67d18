import { median } from "../src/analysis/latency.ts";
import { round } from "./round.ts";
import { type Peer, type PeerOptions, recipe, senetPeer } from "./senet-peer.ts";
import { startTorch } from "./torch.ts";

interface Options extends PeerOptions {
  readonly steps: number;
  readonly rounds: number;
  readonly torch?: string;
  readonly compiled?: boolean;
  readonly json?: boolean;
}

/** The forms of PyTorch's step to compare with. */
const forms = {
  torch: {},
  torchChannelsLast: { channelsLast: true },
  torchCompiled: { channelsLast: true, compiled: true },
};

/** Times the training step, alternating with PyTorch's in both memory formats where an interpreter is given. */
export async function benchTrain(options: Options): Promise<void> {
  const { peer, sessionMs } = await senetPeer(options);
  const peers: Record<string, Peer> = { senet: peer };
  const torch = options.torch === undefined ? undefined : startTorch(options.torch);
  for (const [id, form] of torch ? Object.entries(forms) : []) {
    if (id === "torchCompiled" && !options.compiled) continue;
    const { model, size, batch, threads } = options;
    await torch?.ask({ cmd: "init", id, model, size, batch, threads, ...form, ...recipe });
    peers[id] = async (count) => (await torch?.ask({ cmd: "step", id, count }))?.ms as number[];
  }

  const times: Record<string, number[]> = {};
  for (const name of Object.keys(peers)) {
    times[name] = [];
    await peers[name](3); // warm up
  }
  for (let i = 0; i < options.rounds; i++) {
    for (const [name, run] of Object.entries(peers)) times[name].push(...(await run(options.steps)));
    if (!options.json) process.stderr.write(`round ${i + 1} of ${options.rounds}\n`);
  }
  torch?.stop();

  const ours = median(times.senet);
  const result = {
    model: options.model,
    size: options.size,
    batch: options.batch,
    threads: options.threads,
    stepMs: { min: round(Math.min(...times.senet)), median: round(ours) },
    imagesPerSecond: round((1000 * options.batch) / ours),
    sessionMs: round(sessionMs),
    ...Object.fromEntries(
      Object.entries(times)
        .filter(([name]) => name !== "senet")
        .map(([name, ms]) => [`${name}Ms`, round(median(ms))]),
    ),
    ...(torch && { ratio: round(ours / median(times.torchChannelsLast)) }),
  };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
}
