import { type Latency, measureAlternating } from "../analysis/latency.ts";
import { normal, randomStream } from "../base/random.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "../runtime/node.ts";
import type { Session } from "../runtime/session.ts";
import { buildModel } from "../train/build.ts";
import type { PlannedVariant } from "./trials-node.ts";

const ROUNDS = 1000;
const WARMUP = 20;
const BUDGET_MS = 30_000;

/**
 * Milliseconds of one inference of one image, all variants by turns. Weights do not matter for time, so those of an untrained network
 * will do.
 *
 * @param onRound told after each round; what it throws ends the measurement
 */
export async function timeVariants(
  variants: readonly PlannedVariant[],
  threads: number | undefined,
  onRound: (done: number, rounds: number) => void,
): Promise<Latency[]> {
  const sessions: Session[] = [];
  try {
    for (const { trials } of variants) {
      const model = writeOnnx(buildModel(trials[0].config));
      sessions.push(await createSession(model, threads === undefined ? {} : { threads }));
    }
    const tasks = variants.map(({ name, trials }, i) => {
      const shape = [1, ...trials[0].config.input];
      const random = randomStream(0);
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => normal(random));
      const feeds = { images: { dtype: "float32" as const, shape, data } };
      return { name, run: () => sessions[i].run(feeds) };
    });
    return await measureAlternating(tasks, { rounds: ROUNDS, warmup: WARMUP, budgetMs: BUDGET_MS, onRound });
  } finally {
    for (const session of sessions) await session.dispose();
  }
}
