import { describe, expect, it } from "vitest";
import { parametersOf, statesOf } from "../src/ir/graph.ts";
import { tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { registry } from "../src/models/registry.ts";
import { readOnnx } from "../src/onnx/read-onnx.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { withWeights } from "../src/passes/graph/with-weights.ts";
import { createSession } from "../src/runtime/node.ts";
import { formulaImage, formulaWeights, type ModelGoldens, readGolden } from "./support/golden.ts";
import { smallInput } from "./support/small-input.ts";

const { classes, models: goldens } = readGolden<ModelGoldens>("models.json");

/**
 * Every network as a file, with weights by formula: the file says the same as the graph, the engine loads it and runs any batch,
 * and where timm or torchvision has the network with the same parameter names, the logits are theirs.
 */
describe.each(Object.keys(registry))("%s", (name) => {
  it(name in goldens ? "computes what timm or torchvision computes" : "runs", async () => {
    const { input = smallInput(name), gain = 0.8, logits } = goldens[name] ?? {};
    const blank = createModel(name, { input, classes });
    const graph = withWeights(blank, formulaWeights(blank, gain));
    const file = writeOnnx(graph);
    const stored = [...parametersOf(graph), ...statesOf(graph)];
    const back = readOnnx(file);
    expect([...parametersOf(back), ...statesOf(back)].map(describeStored)).toEqual(
      stored.map(describeStored),
    );
    expect(back.metadata).toEqual(graph.metadata);

    const session = await createSession(file, { threads: 2 });
    const image = formulaImage(input);
    const one = (await session.run({ images: image })).logits.data as Float32Array;
    if (logits) expect(distance(one, logits)).toBeLessThanOrEqual(1e-4);
    expect(one.every(Number.isFinite)).toBe(true);
    expect(new Set(one).size).toBe(classes);

    // Another first image must not change what is said of the second.
    const pixels = image.data as Float32Array;
    const pair = tensor([2, ...input], Float32Array.from([...pixels.map((x) => -x), ...pixels]));
    const two = (await session.run({ images: pair })).logits;
    await session.dispose();
    expect(two.shape).toEqual([2, classes]);
    expect(distance((two.data as Float32Array).subarray(classes), [...one])).toBeLessThanOrEqual(1e-4);
  });
});

/** Name, shape and the first number: enough to know it again. */
function describeStored({ name, shape, tensor: content }: ReturnType<typeof parametersOf>[number]) {
  return [name, shape, content?.data[0]];
}

/** The largest difference, as a share of the largest of what is expected. */
function distance(found: Float32Array, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((logit, i) => Math.abs(logit - found[i]))) / scale;
}
