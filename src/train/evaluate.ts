import { SenetError } from "../errors.ts";
import type { Session } from "../runtime/session.ts";
import { type Metrics, metricsOf, newTally, tallyBatch } from "./metrics.ts";
import type { StepBatch } from "./step-runner.ts";

export interface EvaluateOptions {
  /** Is told how many samples are done. */
  readonly onSamples?: (done: number) => void;
  /** When it fires, the evaluation ends after the present batch. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loss and accuracy of a classification network on batches of images.
 *
 * @param session a network from images [N,C,H,W] to logits [N,K]
 * @param shape channels, height, width of the images
 * @returns undefined when the signal stopped it
 * @throws SenetError `data` when there is not one sample
 */
export async function evaluate(
  session: Session,
  batches: AsyncIterable<StepBatch>,
  shape: readonly number[],
  { onSamples, signal }: EvaluateOptions = {},
): Promise<Metrics | undefined> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  const tally = newTally();
  for await (const { images, labels } of batches) {
    const feeds = {
      [input.name]: { dtype: "float32" as const, shape: [labels.length, ...shape], data: images },
    };
    const logits = (await session.run(feeds))[output.name];
    tallyBatch(tally, logits.data as Float32Array, labels);
    onSamples?.(tally.samples);
    if (signal?.aborted) return undefined;
  }
  if (tally.samples === 0)
    throw new SenetError("data", "Evaluation: expected at least one sample, found none.");
  return metricsOf(tally);
}
