import { SenetError } from "../base/errors.ts";
import { batchCount } from "../data/loader/batches.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "../runtime/node.ts";
import { probeBlock } from "../runtime/probe-block-node.ts";
import { buildModel, buildStep } from "./build.ts";
import type { TrainConfig } from "./config.ts";
import { closeEpoch, trainEpoch } from "./train-epoch-node.ts";
import type { TrainOptions, TrainResult } from "./train-options.ts";
import { type Run, saveLast, startRun } from "./training-run-node.ts";

/**
 * Trains a network, from the beginning or from a checkpoint, writing log, checkpoints and the model as it goes.
 *
 * `best.safetensors` and `last.safetensors` hold the raw weights under their plain names; with `config.ema` also their
 * averages, under `ema/…`, and these are what is evaluated and exported to `model.onnx`.
 *
 * @throws SenetError `data` when a split is missing or the batch is larger than the data, `diverged` when the loss is not finite (the last
 * checkpoint stays as it was), `file` when something cannot be written
 */
export async function train(config: TrainConfig, options: TrainOptions): Promise<TrainResult> {
  const { loader } = options;
  for (const split of ["train", "test"] as const) {
    if (loader[split]) continue;
    throw new SenetError(
      "data",
      `Training ${config.model}: expected a loader with both splits, found none for ${split}; open it with both.`,
    );
  }
  const batches = batchCount(loader.train?.length ?? 0, { batchSize: config.batch, dropLast: true });
  const model = options.model ?? buildModel(config);
  const step = buildStep(config, model, await probeBlock());
  const session = await createSession(writeOnnx(step.graph), {
    threads: options.threads,
  });
  try {
    const run = await startRun(config, { ...options, model }, session, step, batches);
    while (run.position.epoch < config.epochs) {
      if (!((await trainEpoch(run)) && (await closeEpoch(run)))) {
        await saveLast(run);
        return result(run, false);
      }
    }
    return result(run, true);
  } finally {
    await session.dispose();
  }
}

function result(run: Run, finished: boolean): TrainResult {
  return { folder: run.folder, finished, records: run.records, best: run.position.best };
}
