import { describe, expect, it } from "vitest";
import { createModel } from "../models/create-model.ts";
import { compareComplexity } from "./compare-complexity.ts";
import { complexity } from "./complexity.ts";
import { addCounts, subtractCounts } from "./node-cost.ts";

const [plain, se] = ["resnet8", "seresnet8"].map((name) => complexity(createModel(name)));

describe("compareComplexity", () => {
  it("tells what SE blocks add, by block, kind and module", () => {
    const found = compareComplexity(se, plain);
    const [inside, outside] = found.se;
    expect(inside).toEqual({ name: "in SE blocks", ...se.se });
    expect(outside).toEqual({
      name: "elsewhere",
      parameters: 0,
      macs: 0,
      flops: 0,
      activations: 0,
      bytesMoved: 0,
    });
    const parameters = (parts: typeof found.kinds) =>
      parts.filter((part) => part.parameters !== 0).map((part) => [part.name, part.parameters]);
    expect(parameters(found.kinds)).toEqual([["convolution", 1020]]);
    // Of 16, 32 and 64 channels and 4 hidden units: two matrices and two biases.
    const block = (channels: number) => 2 * 4 * channels + 4 + channels;
    expect(parameters(found.modules)).toEqual([
      ["layer1", block(16)],
      ["layer2", block(32)],
      ["layer3", block(64)],
    ]);
  });

  it("adds up to the whole difference, in both directions", () => {
    const other = complexity(createModel("seresnet18", { input: [3, 32, 32] }));
    for (const [left, right] of [
      [se, other],
      [other, se],
    ]) {
      const found = compareComplexity(left, right);
      const whole = subtractCounts(addCounts(left.nodes), addCounts(right.nodes));
      for (const parts of [found.se, found.kinds, found.modules]) expect(addCounts(parts)).toEqual(whole);
      expect(whole.parameters).not.toBe(0);
    }
  });

  it("names modules that only one network has, and adds up operations of one name", () => {
    const modules = compareComplexity(complexity(createModel("vgg16_bn")), plain).modules;
    const names = modules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["layer1", "features"]));
    expect(modules.find(({ name }) => name === "layer1")?.parameters).toBeLessThan(0);
    const twice = {
      ...plain,
      tree: { ...plain.tree, modules: [...plain.tree.modules, ...plain.tree.modules] },
    };
    const layer1 = compareComplexity(twice, plain).modules.find(({ name }) => name === "layer1");
    expect(layer1?.macs).toBe(plain.tree.modules.find(({ name }) => name === "layer1")?.macs);
  });
});
