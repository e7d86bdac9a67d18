import { describe, expect, test } from "vitest";
import { smallNet } from "../../test/support/small-net.ts";
import { SenetError } from "../base/errors.ts";
import { type Graph, parametersOf, statesOf } from "../ir/graph.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { createModel } from "../models/create-model.ts";
import { registry } from "../models/registry.ts";
import { newGraph } from "../ops/new-graph.ts";
import { findHead } from "./find-head.ts";
import { loadWeights } from "./load-weights.ts";
import { resetHead } from "./reset-head.ts";
import { WeightsMismatch } from "./weights-mismatch.ts";

const FRESH = "classifier, which keeps fresh values";

function storedOf(graph: Graph): Map<string, Tensor> {
  const stored = [...parametersOf(graph), ...statesOf(graph)];
  return new Map(stored.flatMap(({ name, tensor: content }) => (name && content ? [[name, content]] : [])));
}

/** The small network's tensors, each element its number. */
function numbered(prefix = ""): Map<string, Tensor> {
  return new Map(
    [...storedOf(smallNet())].map(([name, { shape, data }]) => [
      prefix + name,
      tensor(
        shape,
        Float32Array.from(data as Float32Array, (_, i) => i),
      ),
    ]),
  );
}

async function refusal(weights: ReadonlyMap<string, Tensor>, options = {}): Promise<SenetError> {
  const outcome = await loadWeights(smallNet(), weights, options).catch((error: unknown) => error);
  if (outcome instanceof SenetError) return outcome;
  throw new Error(`expected a refusal, found ${outcome}`);
}

describe("loadWeights", () => {
  test("replaces every parameter and statistic, by other people's names, and reports each", async () => {
    const weights = numbered("module.");
    weights.set("module.bn.num_batches_tracked", tensor([], BigInt64Array.of(9n), "int64"));
    weights.set("module.extra", tensor([1], [0]));
    const { graph, report } = await loadWeights(smallNet(), weights);
    expect(storedOf(graph)).toEqual(numbered());
    expect(report.loaded).toEqual(
      [...storedOf(smallNet()).keys()].map((name) => ({ name, from: `module.${name}` })),
    );
    expect(report).toMatchObject({
      source: "weights",
      missing: [],
      misshaped: [],
      resetHead: [],
      notes: [],
      unexpected: ["module.extra"],
      ignored: [{ name: "module.bn.num_batches_tracked", why: "counter of a BatchNorm" }],
    });
  });

  test("converts types and reshapes layers", async () => {
    const weights = numbered();
    weights.set("fc.bias", tensor([3], [0x3c00, 0xc000, 1], "float16"));
    weights.set("bn.bias", tensor([4], Float64Array.of(0.1, 1e300, 2, 3), "float64"));
    weights.set("fc.weight", tensor([3, 4, 1, 1], [...Array(12).keys()]));
    const loaded = storedOf((await loadWeights(smallNet(), weights)).graph);
    expect(loaded.get("fc.bias")).toEqual(tensor([3], [1, -2, 2 ** -24]));
    expect(loaded.get("bn.bias")).toEqual(tensor([4], [0.1, Number.POSITIVE_INFINITY, 2, 3]));
    expect(loaded.get("fc.weight")).toEqual(tensor([3, 4], [...Array(12).keys()]));
  });

  test("refuses missing and misshaped tensors, in a sentence and in full", async () => {
    const weights = numbered();
    weights.delete("conv.weight");
    weights.set("bn.bias", tensor([5], [0, 0, 0, 0, 0]));
    const error = await refusal(weights);
    const count = storedOf(smallNet()).size;
    expect(error).toMatchObject({
      code: "checkpoint",
      message: `weights: expected ${count} tensors for small, found ${count - 2} that fit, 1 missing (conv.weight) and 1 of another shape (bn.bias: expected [4], found [5]); take the weights of this network, classes and input size (\`cause\` lists every tensor).`,
    });
    expect(error.cause).toBeInstanceOf(WeightsMismatch);
    const { message, report } = error.cause as WeightsMismatch;
    expect(message).toBe(
      `weights: loaded ${count - 2} tensors\nmissing conv.weight\nmisshaped bn.bias: expected [4], found [5]`,
    );
    expect(report.missing).toEqual(["conv.weight"]);
  });

  test("names a few of many", async () => {
    const error = await refusal(new Map());
    expect(error.message).toMatch(
      /found 0 that fit, \d+ missing \(conv\.weight; [^;]+; [^;]+ and \d+ more\); take/,
    );
  });

  test("says what to do about another count of classes", async () => {
    const weights = numbered();
    weights.set("fc.weight", tensor([5, 4], new Float32Array(20)));
    weights.set("fc.bias", tensor([5], new Float32Array(5)));
    expect(await refusal(weights)).toMatchObject({
      code: "checkpoint",
      message:
        "weights: expected a classifier of 3 classes for small, found one of 5; build the network with 5 classes (`classes`), or keep a fresh classifier (`resetHead`).",
    });
    const { graph, report } = await loadWeights(smallNet(), weights, { resetHead: true });
    const fresh = storedOf(smallNet());
    const expected = numbered();
    for (const name of ["fc.weight", "fc.bias"]) expected.set(name, fresh.get(name) as Tensor);
    expect(storedOf(graph)).toEqual(expected);
    expect(report.resetHead).toEqual(["fc.weight", "fc.bias"]);
    expect(report.ignored).toEqual([
      { name: "fc.weight", why: FRESH },
      { name: "fc.bias", why: FRESH },
    ]);
  });

  test("draws the classifier from a seed where one is given", async () => {
    const load = async (seed: number) =>
      storedOf((await loadWeights(smallNet(), numbered(), { resetHead: true, seed })).graph).get("fc.weight");
    const [one, again, other] = [await load(1), await load(1), await load(2)];
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    expect(Math.max(...Array.from(one?.data ?? [], Number).map(Math.abs))).toBeLessThanOrEqual(0.5); // 1/√4
  });

  test("takes classes in the order of labels, and drops a background class", async () => {
    const weights = numbered();
    weights.set("fc.weight", tensor([4, 4], [...Array(16).keys()]));
    weights.set("fc.bias", tensor([4], [0, 10, 20, 30]));
    const loaded = storedOf((await loadWeights(smallNet(), weights, { labels: [3, 1, 2] })).graph);
    expect(loaded.get("fc.bias")).toEqual(tensor([3], [30, 10, 20]));
    expect(loaded.get("fc.weight")).toEqual(tensor([3, 4], [12, 13, 14, 15, 4, 5, 6, 7, 8, 9, 10, 11]));
    expect(await refusal(weights, { labels: [1, 2, 4] })).toMatchObject({
      code: "usage",
      message:
        'weights: tensor "fc.weight": expected classes from 0 to 3, found 4; correct the order of labels.',
    });
    expect(await refusal(weights, { labels: [1, 2] })).toMatchObject({
      code: "usage",
      message:
        "labels: expected 3 classes, one for each of small, found 2 in a classifier [3, 4]; correct the list.",
    });
  });
});

test("a fresh classifier of a convolution changes the axis of the classes of its added bias", () => {
  const b = newGraph("imported");
  const x = b.input("x", "float32", ["N", 4, 1, 1]);
  const weight = b.parameter("w", tensor([3, 4, 1, 1], new Float32Array(12)));
  const bias = b.parameter("b", tensor([1, 3, 1, 1], new Float32Array(3)));
  b.output("y", b.op("Flatten", [b.op("Add", [b.op("Conv", [x, weight], { kernel_shape: [1, 1] }), bias])]));
  const reset = resetHead(b.build(), 5, 0);
  expect(parametersOf(reset).map(({ shape }) => shape)).toEqual([
    [5, 4, 1, 1],
    [1, 5, 1, 1],
  ]);
  expect(reset.outputs[0].value.shape).toEqual(["N", 5]);
});

describe("findHead", () => {
  test.each(Object.keys(registry))("%s ends in its classifier", (name) => {
    const { classes } = registry[name];
    const head = findHead(createModel(name));
    expect(head?.weight.shape[head.classAxis]).toBe(classes);
    expect(head?.bias?.shape).toEqual([classes]);
  });

  test("is found behind a softmax and a bias that is added, and not where there is none", () => {
    const b = newGraph("imported");
    const x = b.input("x", "float32", ["N", 4]);
    const weight = b.parameter("w", tensor([4, 3], new Float32Array(12)));
    const bias = b.parameter("b", tensor([3], [0, 0, 0]));
    b.output("probabilities", b.op("Softmax", [b.op("Add", [b.op("MatMul", [x, weight]), bias])]));
    expect(findHead(b.build())).toEqual({ weight, bias, classAxis: 1 });
    const plain = newGraph("plain");
    plain.output("y", plain.op("Relu", [plain.input("x", "float32", [1, 2])]));
    expect(findHead(plain.build())).toBeUndefined();
  });
});

test("torchvision's MobileNetV3 has a larger epsilon, which goes into the running variances", async () => {
  const model = createModel("mobilenetv3_small_100", { classes: 2 });
  // Its names where they are enough to be recognized: the classifier's and the last convolution's.
  const theirs = new Map(
    [...storedOf(model)].map(([name, { shape }]): [string, Tensor] => [
      name
        .replace(/^conv_head\./, "classifier.0.")
        .replace(/^classifier\.(?=weight|bias)/, "classifier.3.")
        .replace(/^blocks\.5\.0\.conv\./, "features.12.0.")
        .replace(/^blocks\.5\.0\.bn1\./, "features.12.1."),
      tensor(shape, new Float32Array(shape.reduce((size, dim) => size * dim, 1)).fill(1)),
    ]),
  );
  const { graph, report } = await loadWeights(model, theirs);
  const loaded = storedOf(graph);
  expect(loaded.get("bn1.running_var")?.data[0]).toBeCloseTo(1.00099, 6);
  expect(loaded.get("bn1.running_mean")?.data[0]).toBe(1);
  expect(report.notes).toEqual([
    "running variances raised by 0.00099, as torchvision's mobilenet_v3_small has a larger BatchNorm epsilon: predictions are the same, further training starts from this network's epsilon",
  ]);
});
