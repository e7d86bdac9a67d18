import { expect, test } from "vitest";
import { randomTensor } from "../analysis/random-feeds.ts";
import { randomStream } from "../base/random.ts";
import { createModel } from "../models/create-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { forManyImages } from "./for-many-images-node.ts";
import { createSession } from "./node.ts";
import { probeBlock } from "./probe-block-node.ts";
import { runImages } from "./run-images.ts";

const large = [3, 224, 224] as const;

test.each([
  ["few images", "seresnet50", large, "N", 999],
  ["small images", "seresnet50", [3, 64, 64] as const, "N", 5000],
  ["no blocks that squeeze early", "seresnet18", large, "N", 5000],
  ["a fixed batch", "seresnet18", large, 2, 5000],
])("%s: the session stays", async (_, name, input, batch, images) => {
  const model = writeOnnx(createModel(name, { input, batch, classes: 10 }));
  await using session = await createSession(model, { threads: 1 });
  expect(await forManyImages(session, model, { images, threads: 1 })).toBe(session);
});

test("what this package cannot read stays", async () => {
  const model = writeOnnx(createModel("seresnet50", { classes: 10 }));
  await using session = await createSession(model, { threads: 1 });
  expect(await forManyImages(session, model.subarray(0, 1000), { images: 5000 })).toBe(session);
});

test("many large images: SE-ResNet-50 rewritten for one at a time gives the same logits", async () => {
  if ((await probeBlock()) === undefined) return;
  const model = writeOnnx(createModel("seresnet50", { classes: 10 }));
  const images = randomTensor([3, ...large], randomStream(1)).data as Float32Array;
  const asBuilt = await createSession(model);
  const [expected] = await runImages(asBuilt, images, large);
  await using session = await forManyImages(asBuilt, model, { images: 1000 });
  expect(session).not.toBe(asBuilt);
  expect(session.inputs[0].shape).toEqual([1, ...large]);
  const [logits] = await runImages(session, images, large);
  expect(logits.shape).toEqual([3, 10]);
  const most = Math.max(...(expected.data as Float32Array).map(Math.abs));
  for (const [i, logit] of (logits.data as Float32Array).entries()) {
    expect(Math.abs(logit - Number(expected.data[i])) / most).toBeLessThan(1e-4);
  }
});
