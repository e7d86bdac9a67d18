import { describe, expect, it } from "vitest";
import { gradientErrors, withProjection } from "../../test/support/check-gradient.ts";
import { SenetError } from "../errors.ts";
import { type Graph, parametersOf } from "../ir/graph.ts";
import { verify } from "../ir/verify.ts";
import { newGraph, operatorTable } from "../ops/new-graph.ts";
import { evaluate, toRef } from "../reference/evaluate.ts";
import { randomTensor } from "../reference/gradient-check.ts";
import type { RefTensor } from "../reference/types.ts";
import { hiddenWidth, type SEOptions, squeezeExcite } from "./se.ts";

type MapShape = readonly [number, number, number, number];

function block(shape: MapShape, options?: SEOptions): Graph {
  const b = newGraph("block", { seed: 2 });
  const x = b.input("x", "float32", shape);
  b.output("y", squeezeExcite(b, "se", x, options));
  // Fed, so that a test may choose biases that are not zero.
  b.feed(parametersOf(b.build()));
  return b.build();
}

/** Random content for the map and all parameters. */
function feedsOf(graph: Graph): Record<string, RefTensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name = "", shape }, i) => [name, randomTensor(shape as number[], 20 + i)]),
  );
}

const gates = {
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  "hard-sigmoid": (x: number) => Math.min(1, Math.max(0, x / 6 + 0.5)),
};

/** Section 3 of the paper as loops: squeeze, excitation, scale. */
function plain(feeds: Record<string, RefTensor>, gate: (x: number) => number): number[] {
  const { x } = feeds;
  const [n, channels, height, width] = x.shape;
  const pixels = height * width;
  const [w1, w2] = [feeds["se.fc1.weight"], feeds["se.fc2.weight"]];
  const [hidden] = w1.shape;
  const y = new Array<number>(x.data.length);
  for (let image = 0; image < n; image++) {
    const means: number[] = [];
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let p = 0; p < pixels; p++) sum += x.data[(image * channels + c) * pixels + p];
      means.push(sum / pixels);
    }
    const units: number[] = [];
    for (let h = 0; h < hidden; h++) {
      let sum = feeds["se.fc1.bias"]?.data[h] ?? 0;
      for (let c = 0; c < channels; c++) sum += w1.data[h * channels + c] * means[c];
      units.push(Math.max(0, sum));
    }
    for (let c = 0; c < channels; c++) {
      let sum = feeds["se.fc2.bias"]?.data[c] ?? 0;
      for (let h = 0; h < hidden; h++) sum += w2.data[c * hidden + h] * units[h];
      for (let p = 0; p < pixels; p++) {
        const at = (image * channels + c) * pixels + p;
        y[at] = x.data[at] * gate(sum);
      }
    }
  }
  return y;
}

const variants: [string, MapShape, SEOptions | undefined][] = [
  ["default", [2, 32, 3, 4], undefined],
  ["reduction 4", [3, 16, 2, 2], { reduction: 4, minimumHidden: 1 }],
  ["a wide minimum", [2, 6, 4, 3], { minimumHidden: 5 }],
  ["no bias", [2, 8, 3, 3], { bias: false }],
  ["hard sigmoid", [2, 8, 3, 3], { gate: "hard-sigmoid" }],
  ["a 1×1 map", [2, 8, 1, 1], {}],
];

describe.each(variants)("squeezeExcite, %s", (_, shape, options) => {
  const graph = block(shape, options);
  const feeds = feedsOf(graph);

  it("is the paper's block", () => {
    verify(graph, operatorTable);
    const { y } = evaluate(graph, feeds);
    const expected = plain(feeds, gates[options?.gate ?? "sigmoid"]);
    expect(y.shape).toEqual(shape);
    y.data.forEach((value, i) => {
      // HardSigmoid's slope of 1/6 is a double here, so nothing is rounded.
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12);
    });
  });

  it("has the gradient that its slope shows", () => {
    const { graph: withLoss, loss } = withProjection(graph);
    for (const error of gradientErrors(withLoss, loss, graph.inputs, feeds)) {
      expect(error).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe("parameters", () => {
  const parameters = (options: SEOptions) =>
    parametersOf(block([1, 64, 2, 2], options)).map(({ name, shape }) => [name, shape]);

  it("have timm's names and shapes", () => {
    expect(parameters({ reduction: 8 })).toEqual([
      ["se.fc1.weight", [8, 64, 1, 1]],
      ["se.fc1.bias", [8]],
      ["se.fc2.weight", [64, 8, 1, 1]],
      ["se.fc2.bias", [64]],
    ]);
    expect(parameters({ bias: false }).map(([name]) => name)).toEqual(["se.fc1.weight", "se.fc2.weight"]);
  });

  it("start with biases of zero", () => {
    const biases = parametersOf(block([1, 64, 2, 2])).filter(({ shape }) => shape.length === 1);
    expect(biases.length).toBe(2);
    for (const { tensor } of biases) if (tensor) expect(toRef(tensor).data.every((x) => x === 0)).toBe(true);
  });
});

describe("hiddenWidth", () => {
  it.each<[number, SEOptions | undefined, number]>([
    [256, undefined, 16],
    [64, undefined, 4],
    [16, undefined, 4],
    [16, { minimumHidden: 1 }, 1],
    [40, { reduction: 16, minimumHidden: 1 }, 2],
    [64, { reduction: 2 }, 32],
    [100, { reduction: 3.5, minimumHidden: 1 }, 28],
    // MobileNetV3's and timm's: multiples of 8, of which 16 would be less than 90 % of 18.
    [64, { divisor: 8 }, 8],
    [72, { reduction: 4, divisor: 8 }, 24],
    [120, { reduction: 4, divisor: 8 }, 32],
    [100, { reduction: 4, divisor: 8 }, 24],
  ])("of %i channels, %j: %i", (channels, options, hidden) => {
    expect(hiddenWidth(channels, options)).toBe(hidden);
  });

  it.each<[SEOptions, string]>([
    [{ reduction: 0 }, "0, 4 and 1"],
    [{ reduction: -1 }, "-1, 4 and 1"],
    [{ reduction: Number.NaN }, "NaN, 4 and 1"],
    [{ minimumHidden: 0 }, "16, 0 and 1"],
    [{ minimumHidden: 2.5 }, "16, 2.5 and 1"],
    [{ divisor: 0 }, "16, 4 and 0"],
  ])("refuses %j", (options, found) => {
    expect(() => hiddenWidth(64, options)).toThrow(
      new SenetError(
        "usage",
        `SE block: expected a reduction above 0 and a whole minimum and divisor of at least 1, found ${found}.`,
      ),
    );
  });
});
