import { SenetError } from "../base/errors.ts";
import type { Session } from "../runtime/session.ts";
import { type Metrics, metricsOf, newTally, tallyBatch } from "./metrics.ts";
import type { StepBatch } from "./step/step-runner.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Is told how many samples are done. */
  readonly onSamples?: (done: number) => void;
  /** When it fires, the evaluation ends after the present batch. */
  readonly signal?: AbortSignal | undefined;
  /** The network gives probabilities instead of logits. Default false. */
  readonly probabilities?: boolean | undefined;
  /** Is told each batch's logits [N,K] and labels, before the next overwrites them. */
  readonly onBatch?: (logits: Float32Array, labels: BigInt64Array) => void;
}

/**
 * Loss and accuracy of a classification network on batches of images.
 *
 * @param session a network from images [N,C,H,W] to logits [N,K]; where its N is a number, batches have at most as many samples
 * @param shape channels, height, width of the images
 * @returns undefined when the signal stopped it
 * @throws SenetError `data` when there are no samples
 * @example (await evaluate(session, loader.batches("test", { batchSize: 256, seed: 0, epoch: 0 }), [3, 32, 32]))?.top1
 */
export async function evaluate(
  session: Session,
  batches: AsyncIterable<StepBatch>,
  shape: readonly number[],
  { onSamples, signal, probabilities = false, onBatch }: EvaluateOptions = {},
): Promise<Metrics | undefined> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  const tally = newTally();
  const batchOf = input.shape[0];
  /** The outputs of a batch; where the network's batch is fixed, zeros fill it. */
  const run = async (images: Float32Array, count: number) => {
    const size = typeof batchOf === "number" && batchOf > 0 ? batchOf : count;
    const sample = images.length / count;
    const data = size === count ? images : new Float32Array(size * sample);
    if (data !== images) data.set(images);
    const outputs = await session.run({ [input.name]: { dtype: "float32", shape: [size, ...shape], data } });
    const { data: scores } = outputs[output.name];
    return (scores as Float32Array).subarray(0, (scores.length / size) * count);
  };
  for await (const { images, labels } of batches) {
    const scores = await run(images, labels.length);
    const logits = probabilities ? scores.map(Math.log) : scores;
    tallyBatch(tally, logits, labels);
    onBatch?.(logits, labels);
    onSamples?.(tally.samples);
    if (signal?.aborted) return undefined;
  }
  if (tally.samples === 0)
    throw new SenetError("data", "Evaluation: expected at least one sample, found none.");
  return metricsOf(tally);
}
