import { SenetError } from "../base/errors.ts";
import { runImages } from "../runtime/run-images.ts";
import type { Session } from "../runtime/session.ts";
import { type Metrics, metricsOf, newTally, tallyBatch } from "./metrics.ts";
import type { StepBatch } from "./step/step-runner.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Called with the number of samples that are done. */
  readonly onSamples?: (done: number) => void;
  /** When it fires, the evaluation ends after the present batch. */
  readonly signal?: AbortSignal | undefined;
  /** The network gives probabilities instead of logits. Default false. */
  readonly probabilities?: boolean | undefined;
  /** Called with each batch's logits [N,K] and labels, before the next overwrites them. */
  readonly onBatch?: (logits: Float32Array, labels: BigInt64Array) => void;
}

/**
 * Loss and accuracy of a classification network on batches of images.
 *
 * @param session a network from images [N,C,H,W] to logits [N,K]; run by `runImages`, whatever the size of the batches
 * @param shape channels, height, width of the images
 * @returns undefined when the signal stopped it
 * @throws SenetError `data` when there are no samples
 * @example
 * const { mean, std } = await data.statistics();
 * const batches = data.batches("test", { batchSize: 256, seed: 0, epoch: 0, mean, std });
 * const top1 = (await evaluate(session, batches, [3, 32, 32]))?.top1;
 */
export async function evaluate(
  session: Session,
  batches: AsyncIterable<StepBatch>,
  shape: readonly number[],
  { onSamples, signal, probabilities = false, onBatch }: EvaluateOptions = {},
): Promise<Metrics | undefined> {
  const tally = newTally();
  for await (const batch of batches) {
    const { labels } = batch;
    const [{ data }] = await runImages(session, batch.images, shape);
    const scores = data as Float32Array;
    const logits = probabilities ? scores.map(Math.log) : scores;
    tallyBatch(tally, logits, labels);
    onBatch?.(logits, labels);
    onSamples?.(tally.samples);
    if (signal?.aborted) return undefined;
  }
  if (tally.samples === 0)
    throw new SenetError(
      "data",
      "Evaluation: expected at least one sample, found none; give a split with images.",
    );
  return metricsOf(tally);
}
