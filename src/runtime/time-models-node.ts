import {
  type Latency,
  type LatencyOptions,
  type LatencyTask,
  measureAlternating,
} from "../analysis/latency.ts";
import { randomFeeds } from "../analysis/random-feeds.ts";
import type { Graph } from "../ir/graph.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "./node.ts";
import type { Session } from "./session.ts";

/** A model whose time is to be measured. */
export interface TimedModel {
  readonly name: string;
  /** A lowered graph, or the bytes of an `.onnx` file. */
  readonly model: Graph | Uint8Array;
  /** Path prefix of the engine's profile, which is written when the measurement ends. */
  readonly profile?: string;
  /** Makes what is timed. Default: one run on random inputs, a batch of one where its size is open. */
  readonly task?: (session: Session) => () => Promise<unknown>;
}

/** Options of `timeModels`. */
export interface TimeModelsOptions extends LatencyOptions {
  /** Threads of the engine. Default: physical cores. */
  readonly threads?: number | undefined;
}

/**
 * Times models side by side: all are loaded, run in turn (`measureAlternating`), and disposed of, also after an error.
 *
 * @throws SenetError as `createSession` and `Session.run` do, `shape` when an input has an open dimension other than the batch; and
 * what `onRound` throws, which ends the measurement
 * @example const [plain, se] = await timeModels([{ name: "plain", model: a }, { name: "se", model: b }], { rounds: 50, warmup: 5 });
 */
export async function timeModels(
  models: readonly TimedModel[],
  { threads, ...options }: TimeModelsOptions,
): Promise<Latency[]> {
  const sessions: Session[] = [];
  const tasks: LatencyTask[] = [];
  try {
    for (const { name, model, profile, task = onRandomInputs } of models) {
      const bytes = model instanceof Uint8Array ? model : writeOnnx(model);
      const session = await createSession(bytes, { threads, profile });
      sessions.push(session);
      tasks.push({ name, run: task(session) });
    }
    return await measureAlternating(tasks, options);
  } finally {
    for (const session of sessions) await session.dispose();
  }
}

function onRandomInputs(session: Session): () => Promise<unknown> {
  const feeds = randomFeeds(session);
  return () => session.run(feeds);
}
