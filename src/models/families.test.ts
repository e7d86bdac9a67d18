import { describe, expect, it } from "vitest";
import { evaluateValues } from "../../test/support/evaluate.ts";
import { complexity } from "../analysis/complexity.ts";
import { SenetError } from "../base/errors.ts";
import { normal, randomStream } from "../base/random.ts";
import { type Graph, knownShape, type Node, parametersOf } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { verify } from "../ops/verify.ts";
import { bindDims } from "../passes/graph/bind-dims.ts";
import { matchSE } from "../passes/se/match-se.ts";
import { toTraining } from "../passes/training/to-training.ts";
import { refTensor } from "../reference/ref-tensor.ts";
import { createModel } from "./create-model.ts";

/** Shapes of parameters by name. */
function shapesOf(graph: Graph): ReadonlyMap<string, readonly (number | string)[]> {
  return new Map(parametersOf(graph).map(({ name, shape }) => [name ?? "", shape]));
}

function nodesIn(graph: Graph, scope: RegExp, op: string): Node[] {
  return graph.nodes.filter((node) => node.op === op && scope.test(node.scope));
}

/** What nodes read first and give, in a network of one random image. */
function runNodes(graph: Graph, nodes: readonly Node[]) {
  const random = randomStream(3, 1);
  const shape = knownShape(graph.inputs[0]);
  const images = refTensor(
    shape,
    Array.from({ length: sizeOf(shape) }, () => normal(random)),
  );
  const values = nodes.flatMap(({ inputs, outputs }) => [inputs[0] ?? outputs[0], outputs[0]]);
  return evaluateValues(graph, { images }, values);
}

describe("parameters and SE blocks", () => {
  // Plain counts: timm for the first two, pytorchcv for ShuffleNet, else the papers' to their printed digits.
  it.each([
    { name: "vgg16_bn", parameters: 138_365_992, blocks: 13 },
    { name: "mobilenetv1_100", parameters: 4_231_976, blocks: 13 },
    { name: "shufflenet_g3_w1", parameters: 1_865_728, blocks: 16 },
    { name: "wrn16_8", parameters: 10_961_370, blocks: 6 },
    { name: "preresnet110", parameters: 1_730_522, blocks: 54 },
    { name: "preresnet164", parameters: 1_703_258, blocks: 54 },
    { name: "shakeshake26_2x96d", parameters: 26_192_922, blocks: 12 },
  ])("$name and its twin", ({ name, parameters, blocks }) => {
    const plain = complexity(createModel(name));
    expect([plain.parameters, plain.seBlocks]).toEqual([parameters, 0]);
    const twin = complexity(createModel(`se${name}`));
    expect([twin.parameters - twin.se.parameters, twin.seBlocks]).toEqual([parameters, blocks]);
  });

  // Counts are timm's.
  it.each([
    { name: "mobilenetv3_small_100", parameters: 2_542_856, blocks: 9 },
    { name: "mobilenetv3_large_100", parameters: 5_483_032, blocks: 8 },
    { name: "efficientnet_b0", parameters: 5_288_548, blocks: 16 },
    { name: "regnety_008", parameters: 6_263_168, blocks: 14 },
  ])("$name, which has them, and without", ({ name, parameters, blocks }) => {
    const whole = complexity(createModel(name));
    expect([whole.parameters, whole.seBlocks]).toEqual([parameters, blocks]);
    const without = complexity(createModel(name, { se: false }));
    expect([without.parameters, without.seBlocks]).toEqual([parameters - whole.se.parameters, 0]);
  });

  it("come to the paper's MFLOPs", () => {
    const printed = (name: string) => Math.round(complexity(createModel(name)).paperFlops / 1e6);
    expect(["vgg16_bn", "sevgg16_bn"].map(printed)).toEqual([15_470, 15_484]);
    expect(["mobilenetv1_100", "semobilenetv1_100"].map(printed)).toEqual([569, 572]);
  });
});

describe("VGG", () => {
  it("scales what each ReLU gives", () => {
    const graph = createModel("sevgg16_bn");
    const blocks = matchSE(graph);
    expect(blocks.map(({ input }) => input.producer?.op)).toEqual(Array(13).fill("Relu"));
    expect(blocks.slice(0, 3).map(({ path }) => path)).toEqual([
      "features.2.se",
      "features.5.se",
      "features.9.se",
    ]);
    expect(shapesOf(graph).get("features.2.se.fc1.weight")).toEqual([4, 64, 1, 1]);
  });

  it.each([
    [64, "Conv in pre_logits.fc1: a window of 7 does not fit into 2 + 0 padding"],
    [16, "MaxPool in features.43: a window of 2 does not fit into 1 + 0 padding"],
  ])("names the layer for which %i pixels are too few", (size, problem) => {
    const build = () => createModel("vgg16_bn", { input: [3, size, size] });
    const message = `Model vgg16_bn with an input of 3×${size}×${size}: ${problem}; use a larger input or a smaller kernel.`;
    expect(build).toThrow(new SenetError("shape", message));
  });

  it("averages the predictions of a larger image", () => {
    const graph = createModel("vgg16_bn", { input: [3, 256, 288] });
    const [fc2] = nodesIn(graph, /^pre_logits\.fc2$/, "Conv");
    expect(fc2.outputs[0].shape).toEqual(["N", 4096, 2, 3]);
    expect(graph.outputs[0].value.shape).toEqual(["N", 1000]);
  });
});

describe("MobileNet-v1", () => {
  it("has ReLU6 after every convolution", () => {
    const graph = createModel("mobilenetv1_100", { batch: 1, input: [3, 8, 8] });
    const clips = nodesIn(graph, /^$|^blocks/, "Clip");
    expect(clips).toHaveLength(27);
    const source = nodesIn(graph, /^bn1$/, "BatchNormalization")[0];
    const image = refTensor(
      [1, 3, 8, 8],
      Array.from({ length: 192 }, (_, i) => 40 * Math.sin(i)),
    );
    const [before, after] = evaluateValues(graph, { images: image }, [
      source.outputs[0],
      clips[0]?.outputs[0] ?? source.outputs[0],
    ]);
    expect(Math.max(...before.data)).toBeGreaterThan(6);
    before.data.forEach((value, i) => {
      expect(after.data[i]).toBeCloseTo(Math.min(Math.max(value, 0), 6), 9);
    });
  });
});

describe("ShuffleNet", () => {
  it("exchanges channels of its three groups", () => {
    const graph = createModel("shufflenet_g3_w1", { batch: 1, input: [3, 16, 16] });
    const [split, merged] = nodesIn(graph, /^stage2\.1\.shuffle$/, "Reshape");
    const [x, , , y] = runNodes(graph, [split, merged]);
    expect([x.shape, y.shape]).toEqual([
      [1, 60, 2, 2],
      [1, 60, 2, 2],
    ]);
    const channel = (data: ArrayLike<number>, c: number) => Array.from(data).slice(4 * c, 4 * c + 4);
    // The first of each group, the second of each group, …
    for (let c = 0; c < 60; c++) {
      expect(channel(y.data, c)).toEqual(channel(x.data, (c % 3) * 20 + Math.floor(c / 3)));
    }
  });

  it("groups all pointwise convolutions but the first", () => {
    const graph = createModel("shufflenet_g3_w1");
    const groups = nodesIn(graph, /conv[13]$/, "Conv").map(({ attrs }) => attrs.group);
    // The stem, stage2.0.conv1, and 31 others.
    expect(groups).toEqual([1, 1, ...Array(31).fill(3)]);
  });
});

describe("pre-activation networks", () => {
  it.each(["wrn16_8", "preresnet164"])(
    "%s: where the shape changes, both paths start from one ReLU",
    (name) => {
      const graph = createModel(name);
      const shortcuts = nodesIn(graph, /downsample$/, "Conv");
      expect(shortcuts.map(({ scope }) => scope)).toEqual(
        [1, 2, 3].map((layer) => `layer${layer}.0.downsample`),
      );
      for (const { scope, inputs } of shortcuts) {
        const [first] = graph.nodes.filter((node) => node.scope === scope.replace("downsample", "conv1"));
        expect(first.inputs[0]).toBe(inputs[0]);
        expect(inputs[0]?.producer?.op).toBe("Relu");
      }
    },
  );

  it("preresnet110 keeps its first stage's shape", () => {
    const graph = createModel("preresnet110");
    expect(nodesIn(graph, /downsample$/, "Conv").map(({ scope }) => scope)).toEqual([
      "layer2.0.downsample",
      "layer3.0.downsample",
    ]);
  });

  it("has no activation after a sum", () => {
    const graph = createModel("sewrn16_8");
    const sums = graph.nodes.filter(({ op }) => op === "Add").map(({ outputs }) => outputs[0]);
    const readers = graph.nodes.filter(({ inputs }) => inputs.some((input) => input && sums.includes(input)));
    expect(new Set(readers.map(({ op }) => op))).toEqual(new Set(["BatchNormalization", "Add"]));
  });
});

describe("Shake-Shake", () => {
  it("mixes its branches at random in training", () => {
    const model = bindDims(createModel("seshakeshake26_2x96d"), { N: 2 });
    expect(model.nodes.filter(({ op }) => op === "ShakeMean")).toHaveLength(12);
    const { graph, noise } = toTraining(model);
    verify(graph);
    expect(graph.nodes.filter(({ op }) => op === "ShakeMean")).toHaveLength(0);
    expect(graph.nodes.filter(({ op }) => op === "ShakeShake")).toHaveLength(12);
    expect(noise.map(({ shape }) => shape)).toEqual(Array(24).fill([2, 1, 1, 1]));
  });

  it("looks past its stride with a second shortcut, one pixel down and right", () => {
    const graph = createModel("shakeshake26_2x96d", { batch: 1, input: [3, 5, 4] });
    const [x, y] = runNodes(graph, nodesIn(graph, /^layer1\.0\.downsample$/, "Pad"));
    expect(y.shape).toEqual([1, 16, 5, 4]);
    x.data.forEach((_, i) => {
      const [row, column] = [Math.floor(i / 4) % 5, i % 4];
      expect(y.data[i]).toBe(row > 0 && column > 0 ? x.data[i - 5] : 0);
    });
  });
});

describe("networks that ship with SE", () => {
  const hidden = (name: string, layer: string, se?: { reduction: number }) =>
    [...shapesOf(createModel(name, se && { se }))]
      .filter(([key]) => key.endsWith(`se.${layer}.weight`))
      .map(([, [out]]) => out);

  it("MobileNetV3 rounds its hidden layers to multiples of 8", () => {
    expect(hidden("mobilenetv3_small_100", "conv_reduce")).toEqual([8, 24, 64, 64, 32, 40, 72, 144, 144]);
    expect(hidden("mobilenetv3_large_100", "conv_reduce")).toEqual([24, 32, 32, 120, 168, 168, 240, 240]);
  });

  it("EfficientNet and RegNet reduce to a share of the unit's input", () => {
    expect(hidden("efficientnet_b0", "conv_reduce")).toEqual([
      8, 4, 6, 6, 10, 10, 20, 20, 20, 28, 28, 28, 48, 48, 48, 48,
    ]);
    expect(hidden("regnety_008", "fc1")).toEqual([8, 16, 32, 32, 32, ...Array(7).fill(80), 80, 192]);
    expect(hidden("regnety_008", "fc1", { reduction: 8 }).slice(0, 3)).toEqual([4, 8, 16]);
  });

  it("RegNet has them after the 3×3 convolution, and elsewhere if wanted", () => {
    const inputs = (se?: { placement: "standard" }) =>
      matchSE(createModel("regnety_008", se && { se })).map(({ input }) => input.producer?.op);
    expect(inputs()).toEqual(Array(14).fill("Relu"));
    expect(inputs({ placement: "standard" })).toEqual(Array(14).fill("BatchNormalization"));
    const last = matchSE(createModel("regnety_008", { se: { stages: [5] } }));
    expect(last.map(({ path }) => path)).toEqual(["s4.b1.se", "s4.b2.se"]);
  });
});
