import { describe, expect, it } from "vitest";
import { createModel } from "../models/create-model.ts";
import { conv2d } from "../nn/conv2d.ts";
import { squeezeExcite } from "../nn/se.ts";
import { newGraph } from "../ops/new-graph.ts";
import { complexity } from "./complexity.ts";

it("adds residual sums and squeezes to the MACs, and nothing else", () => {
  const b = newGraph("unit");
  const x = conv2d(b, "stem", b.input("images", "float32", [1, 3, 6, 6]), { out: 16 });
  const branch = squeezeExcite(b, "se", x, { bias: false });
  const scaled = b.op("Mul", [branch, b.constant(0.5)]);
  const sum = b.op("Add", [scaled, x]);
  const vector = b.op("Flatten", [b.op("GlobalAveragePool", [b.op("Add", [sum, b.constant(1)])])]);
  b.output("y", b.op("Add", [vector, b.op("Relu", [vector])]));
  const map = 16 * 36;
  expect(complexity(b.build()).paperFlops).toBe(3 * map + 2 * 16 * 4 + map + map);
});

describe("prints what Table 2 of the paper prints, in G", () => {
  it.each([
    ["legacy_resnet50", "3.86"],
    ["legacy_resnet101", "7.58"],
    ["legacy_resnet152", "11.30"],
    ["legacy_seresnet50", "3.87"],
    ["legacy_seresnet152", "11.32"],
  ])("%s", (name, printed) => {
    expect((complexity(createModel(name)).paperFlops / 1e9).toFixed(2)).toBe(printed);
  });
});
