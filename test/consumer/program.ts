/** What somebody who has installed the package may write; test/package.test.ts checks its types and runs it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { openLoader } from "senet/data";
import { largestDifference, timeModels } from "senet/measure";
import {
  complexity,
  createModel,
  createSession,
  insertSE,
  listModels,
  matchSE,
  optimize,
  pipeline,
  readOnnx,
  readOnnxFile,
  SenetError,
  stripSE,
  writeOnnx,
  zeros,
} from "senet/node";
import { quantize } from "senet/quantize";
import { createStepRunner, sgd, trainStep } from "senet/train";

// Networks are known by name, and counted.
assert.deepEqual(listModels("seresnet?0"), ["seresnet20", "seresnet50"]);
const net = createModel("seresnet8", { input: [1, 28, 28] });
assert.equal(complexity(net).parameters, 78_774);
assert.throws(
  () => createModel("seresnet51"),
  (error) => error instanceof SenetError && error.code === "unknown-name",
);

// SE blocks go in and out, and files are written and read.
const halves = matchSE(net).map((block) => [block, new Float32Array(block.channels).fill(0.5)] as const);
const bare = stripSE(net, new Map(halves)).graph;
assert.equal(matchSE(bare).length, 0);
const again = insertSE(bare, { reduction: 16 }).graph;
assert.equal(matchSE(readOnnx(writeOnnx(again))).length, 3);
await writeFile("net.onnx", writeOnnx(net));

// The engine runs a file, faster once it is optimized.
{
  await using session = await createSession("net.onnx");
  assert.deepEqual([session.inputNames, session.outputNames], [["images"], ["logits"]]);
  const { logits } = await session.run({ images: zeros([2, 1, 28, 28]) });
  assert.deepEqual(logits.shape, [2, 10]);
}
const { relative } = await largestDifference(net, optimize(net).graph);
assert.ok(relative < 1e-4);
const [{ median }] = await timeModels([{ name: "SE", model: net }], { rounds: 3, warmup: 1 });
assert.ok(median > 0);

// Data come in batches, and a training step is one run of one session.
await using loader = await openLoader({ train: { path: "fashion-mnist-mini", split: "train" } });
const { mean, std } = await loader.statistics();
const step = trainStep(net, { batch: 32, optimizer: sgd({ momentum: 0.9 }) });
await using engine = await createSession(writeOnnx(step.graph));
const runner = createStepRunner(engine, step, { seed: 0 });
const losses: number[] = [];
const order = { batchSize: 32, seed: 0, epoch: 0, shuffle: true, dropLast: true, mean, std };
for await (const batch of loader.batches("train", order)) {
  losses.push((await runner.run(batch, 0.05, losses.length)).loss);
  if (losses.length === 20) break;
}
assert.ok(losses[19] < losses[0], `${losses[0]} → ${losses[19]}`);

// Integers after training, and predictions.
const { graph } = await quantize(await readOnnxFile("net.onnx"), [zeros([8, 1, 28, 28])]);
const options = { preprocessing: { mean, std }, labels: [..."ABCDEFGHIJ"] };
await using classify = await pipeline("image-classification", graph, options);
const [best] = await classify({ data: new Uint8Array(28 * 28), width: 28, height: 28 }, { topK: 1 });
assert.ok(options.labels.includes(best.label));
console.log("done");
