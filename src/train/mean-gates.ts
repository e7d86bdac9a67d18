import { SenetError } from "../base/errors.ts";
import type { Tensor } from "../ir/tensor.ts";
import { runImages } from "../runtime/run-images.ts";
import type { Session } from "../runtime/session.ts";
import type { StepBatch } from "./step/step-runner.ts";

/** Options of `meanGates`. */
export interface MeanGatesOptions {
  /** Images to look at; the last batch may exceed it. Default: all. */
  readonly images?: number;
  /** Called with the number of images that are done. */
  readonly onImages?: (done: number) => void;
}

/**
 * The mean gate of each channel of SE blocks over images.
 *
 * @param session a network from images [N,C,H,W] whose outputs are gates (`tapGates`), run by `runImages`
 * @param shape channels, height, width of the images
 * @returns for each output one mean per channel, and the number of images
 * @throws SenetError `data` when there are no images
 * @example
 * await using session = await createSession(writeOnnx(tapGates(net, matchSE(net))));
 * const { gates } = await meanGates(session, loader.batches("train", { batchSize: 128, seed: 0, epoch: 0 }), [3, 32, 32]);
 */
export async function meanGates(
  session: Session,
  batches: AsyncIterable<StepBatch>,
  shape: readonly number[],
  { images: most = Number.POSITIVE_INFINITY, onImages }: MeanGatesOptions = {},
): Promise<{ gates: Float32Array[]; images: number }> {
  let sums: Float64Array[] | undefined;
  let done = 0;
  for await (const batch of batches) {
    const count = batch.labels.length;
    const gates = await runImages(session, batch.images, shape);
    sums ??= gates.map((gate) => new Float64Array(gate.shape[1]));
    for (const [i, gate] of gates.entries()) addGates(sums[i], gate, count);
    done += count;
    onImages?.(done);
    if (done >= most) break;
  }
  if (!sums) throw new SenetError("data", "Mean gates: expected at least one image, found none; give some.");
  return { gates: sums.map((sum) => Float32Array.from(sum, (value) => value / done)), images: done };
}

/** Adds the mean over height and width of the gates of the first `count` images. */
function addGates(sum: Float64Array, { shape, data }: Tensor, count: number): void {
  const channels = sum.length;
  const pixels = shape.slice(2).reduce((product, side) => product * side, 1);
  const gates = data as Float32Array;
  for (let i = 0; i < count * channels * pixels; i++)
    sum[Math.floor(i / pixels) % channels] += gates[i] / pixels;
}
