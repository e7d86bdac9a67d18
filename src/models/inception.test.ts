import { describe, expect, it } from "vitest";
import { complexity } from "../analysis/complexity.ts";
import type { SenetError } from "../base/errors.ts";
import { type Graph, parametersOf, statesOf } from "../ir/graph.ts";
import { verify } from "../ops/verify.ts";
import { matchSE } from "../passes/se/match-se.ts";
import { createModel } from "./create-model.ts";
import { registry } from "./registry.ts";

/** Parameters as timm and torchvision count them (BN-Inception: SENet authors' prototxt), and SE blocks of the twin. */
const families = [
  { name: "googlenet", parameters: 6_624_904, blocks: 9 },
  { name: "bninception", parameters: 11_285_224, blocks: 10 },
  { name: "inception_v3", parameters: 23_834_568, blocks: 11 },
  { name: "inception_resnet_v2", parameters: 55_843_464, blocks: 40 },
];

describe.each(families)("$name", ({ name, parameters, blocks }) => {
  it("has the counts of its peers", () => {
    const plain = complexity(createModel(name));
    expect([plain.parameters, plain.seBlocks]).toEqual([parameters, 0]);
    const twin = complexity(createModel(`se${name}`));
    expect([twin.parameters - twin.se.parameters, twin.seBlocks]).toEqual([parameters, blocks]);
  });

  it("has ⌊C/16⌋ hidden units in every block of its twin", () => {
    const twin = createModel(`se${name}`);
    const shapes = shapesOf(twin);
    for (const { path, channels } of matchSE(twin)) {
      const hidden = Math.floor(channels / 16);
      expect(shapes.get(`${path}.fc1.weight`), path).toEqual([hidden, channels, 1, 1]);
      expect(shapes.get(`${path}.fc2.weight`), path).toEqual([channels, hidden, 1, 1]);
    }
  });

  it("names all but the SE blocks as its twin does", () => {
    const [plain, twin] = [shapesOf(createModel(name)), shapesOf(createModel(`se${name}`))];
    const shared = [...twin].filter(([key]) => !/se\.fc[12]\.(weight|bias)$/.test(key));
    expect(shared).toEqual([...plain]);
    expect(twin.size).toBe(plain.size + 4 * blocks);
  });

  it("takes images that are not square, of any colors, and any classes", () => {
    const graph = createModel(`se${name}`, { input: [1, 107, 96], classes: 7 });
    verify(graph);
    expect(graph.outputs[0].value.shape).toEqual(["N", 7]);
  });
});

describe("SE-BN-Inception", () => {
  it("is the authors' network to the last parameter and MAC", () => {
    const { parameters, macs, se, seBlocks } = complexity(createModel("sebninception"));
    expect({ parameters, seParameters: se.parameters, seBlocks }).toEqual({
      parameters: 11_931_622,
      seParameters: 646_398,
      seBlocks: 10,
    });
    expect((macs / 1e9).toFixed(4)).toBe("2.0332");
  });

  it("has the released network's maps, gated after each module", () => {
    const gated = matchSE(createModel("sebninception")).map(({ path, input }) => [
      path,
      input.shape.slice(1),
    ]);
    expect(gated).toEqual([
      ["inception_3a_se", [256, 28, 28]],
      ["inception_3b_se", [320, 28, 28]],
      ["inception_3c_se", [576, 14, 14]],
      ["inception_4a_se", [576, 14, 14]],
      ["inception_4b_se", [576, 14, 14]],
      ["inception_4c_se", [608, 14, 14]],
      ["inception_4d_se", [608, 14, 14]],
      ["inception_4e_se", [1056, 7, 7]],
      ["inception_5a_se", [1024, 7, 7]],
      ["inception_5b_se", [1024, 7, 7]],
    ]);
  });

  it("takes Caffe's pixels: BGR, 0 to 255", () => {
    const { preprocessing } = registry.sebninception;
    expect(preprocessing).toMatchObject({ colorOrder: "BGR", pixelRange: 255, mean: [104, 117, 123] });
  });

  it("fits maps of odd size, where Caffe's pool is one short of the convolutions", () => {
    // 75 → 38 → 19 → 9 → 5 → 3.
    const maps = matchSE(createModel("sebninception", { input: [3, 75, 64] })).map(
      ({ input }) => input.shape,
    );
    expect(maps.map((shape) => shape[2])).toEqual([9, 9, 5, 5, 5, 5, 5, 3, 3, 3]);
  });
});

describe("SE-Inception-ResNet-v2", () => {
  it("gates a branch before it is scaled", () => {
    const graph = createModel("seinception_resnet_v2");
    const scales = matchSE(graph).map(({ scale }) => {
      const next = graph.nodes.filter(({ inputs }) => inputs.includes(scale.outputs[0]));
      const factor = next[0].inputs.find((input) => input?.role === "constant")?.tensor?.data[0];
      return [scale.scope, next[0].op, factor === undefined ? 1 : Number(Number(factor).toFixed(2))];
    });
    expect(scales[0]).toEqual(["repeat.0.se", "Mul", 0.17]);
    expect(scales[10]).toEqual(["repeat_1.0.se", "Mul", 0.1]);
    expect(scales[30]).toEqual(["repeat_2.0.se", "Mul", 0.2]);
    expect(scales[39]).toEqual(["block8.se", "Add", 1]);
  });
});

describe("too small an input", () => {
  const smallest = { googlenet: 31, bninception: 11, inception_v3: 75, inception_resnet_v2: 75 };

  it.each(Object.entries(smallest))("%s takes %i pixels and no fewer", (name, size) => {
    expect(() => createModel(name, { input: [3, size, size] })).not.toThrow();
    expect(() => createModel(name, { input: [3, size - 1, size] })).toThrow(
      /: (Conv|MaxPool) in \w[\w.]*: a window of/,
    );
  });

  it("names the layer and what it was given", () => {
    const error: Partial<SenetError> = {
      code: "shape",
      message:
        "Model inception_v3 with an input of 3×32×32: Conv in Mixed_6a.branch3x3.conv: a window of 3 does not fit into 1 + 0 padding; use a larger input or a smaller kernel.",
    };
    expect(() => createModel("inception_v3", { input: [3, 32, 32] })).toThrow(expect.objectContaining(error));
  });
});

function shapesOf(graph: Graph): Map<string, readonly unknown[]> {
  return new Map([...parametersOf(graph), ...statesOf(graph)].map(({ name = "", shape }) => [name, shape]));
}
