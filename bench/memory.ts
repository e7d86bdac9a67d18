import { round } from "./round.ts";
import { type SenetPeerOptions, senetPeer } from "./senet-peer.ts";

interface Options extends SenetPeerOptions {
  readonly steps: number;
  readonly json?: boolean;
}

/** Resident memory of the process while it trains, every tenth of the way, and the most that it ever had. */
export async function benchMemory(options: Options): Promise<void> {
  const peer = await senetPeer(options);
  const residentMiB: number[] = [];
  for (let i = 0; i < 10; i++) {
    await peer.run(Math.ceil(options.steps / 10));
    residentMiB.push(round(process.memoryUsage.rss() / 2 ** 20));
    if (!options.json) process.stderr.write(`${(i + 1) * 10} %: ${residentMiB.at(-1)} MiB\n`);
  }
  const { model, batch, steps } = options;
  const { engine } = peer;
  await peer.stop();
  const peakMiB = round(process.resourceUsage().maxRSS / 1024);
  const growth = round(residentMiB[9] / residentMiB[1]);
  const result = { model, batch, steps, engine, residentMiB, peakMiB, growth };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
}
