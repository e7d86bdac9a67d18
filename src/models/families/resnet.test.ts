import { describe, expect, it } from "vitest";
import { verify } from "../../ops/verify.ts";
import { createModel } from "../create-model.ts";
import { registry } from "../registry.ts";

/** ResNet, ResNeXt and SENet-154 for ImageNet. */
const names = Object.keys(registry).filter((name) => /^(?!pre).*(res[nN]e[xt]t?\d+|senet154)/.test(name));
const forImageNet = names.filter((name) => registry[name].input[1] === 224);
const legacy = forImageNet.filter((name) => name.startsWith("legacy_"));

describe("the smallest image", () => {
  it("is known of every ResNet for ImageNet", () => {
    expect([forImageNet.length, legacy.length]).toEqual([28, 13]);
  });

  it.each(forImageNet.filter((name) => !legacy.includes(name)))("of %s is a pixel", (name) => {
    const graph = createModel(name, { input: [3, 1, 1] });
    verify(graph);
    expect(graph.outputs[0].value.shape).toEqual(["N", 1000]);
  });

  it.each(legacy)("of %s is 5×5, because its first pool has no padding", (name) => {
    const graph = createModel(name, { input: [3, 5, 5] });
    verify(graph);
    expect(graph.outputs[0].value.shape).toEqual(["N", 1000]);
    expect(() => createModel(name, { input: [3, 4, 5] })).toThrow(
      "MaxPool: a window of 3 does not fit into 2 + 0 padding; use a larger input or a smaller kernel.",
    );
  });
});
