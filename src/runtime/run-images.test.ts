import { expect, test } from "vitest";
import { randomTensor } from "../analysis/random-feeds.ts";
import { randomStream } from "../base/random.ts";
import { createModel } from "../models/create-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { newGraph } from "../ops/new-graph.ts";
import { createSession } from "./node.ts";
import { imagesAtOnce, runImages } from "./run-images.ts";
import type { Session } from "./session.ts";

test.each([
  [[3, 32, 32], 32],
  [[3, 64, 64], 24],
  [[3, 112, 112], 8],
  [[3, 224, 224], 2],
  [[3, 1024, 1024], 1],
])("images of %j: %i at once", (shape, count) => {
  expect(imagesAtOnce(shape)).toBe(count);
});

/** Means of channels, as `senet` finds them by hand below, and the images twice. */
function meansNet(batch: number | string): Uint8Array {
  const b = newGraph("means");
  const images = b.input("images", "float32", [batch, 3, 112, 112]);
  b.output("means", b.op("Flatten", [b.op("GlobalAveragePool", [images])]));
  b.output("pooled", b.op("GlobalAveragePool", [images]));
  return writeOnnx(b.build());
}

const shape = [3, 112, 112];
const PIXELS = 112 * 112;

/** A session that notes the sizes of the batches it runs. */
function noting(session: Session): { session: Session; sizes: number[] } {
  const sizes: number[] = [];
  const run: Session["run"] = (feeds) => {
    sizes.push(feeds.images.shape[0]);
    return session.run(feeds);
  };
  return {
    session: Object.assign(Object.create(session), { run, inputs: session.inputs, outputs: session.outputs }),
    sizes,
  };
}

test.each([
  ["N", 19, [8, 8, 3]],
  ["N", 5, [5]],
  [4, 6, [4, 4]],
  [1, 3, [1, 1, 1]],
])("a network for %s runs %i images in parts, and loses none", async (batch, count, expectedSizes) => {
  const { data } = randomTensor([count, ...shape], randomStream(1));
  await using inner = await createSession(meansNet(batch));
  const { session, sizes } = noting(inner);
  const [means, pooled] = await runImages(session, data as Float32Array, shape);
  expect(sizes).toEqual(expectedSizes);
  expect(means.shape).toEqual([count, 3]);
  expect(pooled.shape).toEqual([count, 3, 1, 1]);
  const found = Array.from(means.data as Float32Array);
  expect(Array.from(pooled.data as Float32Array)).toEqual(found);
  for (const [i, mean] of found.entries()) {
    const channel = (data as Float32Array).subarray(i * PIXELS, (i + 1) * PIXELS);
    expect(mean).toBeCloseTo(channel.reduce((a, b) => a + b) / PIXELS, 4);
  }
});

test("logits of images in parts differ only by rounding from those of all at once", async () => {
  const net = createModel("seresnet8");
  const images = randomTensor([40, 3, 32, 32], randomStream(2));
  await using session = await createSession(writeOnnx(net));
  const [parts] = await runImages(session, images.data as Float32Array, [3, 32, 32]);
  const { logits } = await session.run({ images });
  for (const [i, logit] of (parts.data as Float32Array).entries()) {
    expect(logit).toBeCloseTo(Number(logits.data[i]), 4);
  }
});
