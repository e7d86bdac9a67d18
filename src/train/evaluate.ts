import { SenetError } from "../base/errors.ts";
import type { Tensor } from "../ir/tensor.ts";
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
 * @param session a network from images [N,C,H,W] to logits [N,K]; where its N is a number, batches have at most as many samples
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
    const [
      {
        shape: [size],
        data,
      },
    ] = await runBatch(session, batch, shape);
    const scores = (data as Float32Array).subarray(0, (data.length / size) * labels.length);
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

/** The outputs of a network for a batch; where the network's own batch is a number, zeros fill it. */
export async function runBatch(
  session: Session,
  { images, labels }: StepBatch,
  shape: readonly number[],
): Promise<Tensor[]> {
  const [
    {
      name,
      shape: [batch],
    },
  ] = session.inputs;
  const size = typeof batch === "number" && batch > 0 ? batch : labels.length;
  const data = size === labels.length ? images : new Float32Array((images.length / labels.length) * size);
  if (data !== images) data.set(images);
  const outputs = await session.run({ [name]: { dtype: "float32", shape: [size, ...shape], data } });
  return session.outputs.map(({ name }) => outputs[name]);
}
