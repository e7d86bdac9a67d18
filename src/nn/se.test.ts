import { describe, expect, it } from "vitest";
import { gradientErrors, withProjection } from "../../test/support/check-gradient.ts";
import { evaluate } from "../../test/support/evaluate.ts";
import { randomTensor } from "../../test/support/gradient-check.ts";
import { type Graph, knownShape, parametersOf } from "../ir/graph.ts";
import { newGraph } from "../ops/new-graph.ts";
import { verify } from "../ops/verify.ts";
import { toRef } from "../reference/ref-tensor.ts";
import type { RefTensor } from "../reference/types.ts";
import { ecaKernel, hiddenWidths } from "./excitations.ts";
import { squeezeExcite } from "./se.ts";
import { type Gate, gateNames, squeezeNames } from "./se-names.ts";
import type { SEOptions } from "./se-options.ts";

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
function feedsOf(graph: Graph, seed = 20): Record<string, RefTensor> {
  return Object.fromEntries(
    graph.inputs.map((input, i) => [input.name, randomTensor(knownShape(input), seed + i)]),
  );
}

const gates: Record<Exclude<Gate, "softmax">, (x: number) => number> = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  "hard-sigmoid": (x) => Math.min(1, Math.max(0, x / 6 + 0.5)),
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
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
  ["tanh", [2, 8, 3, 3], { gate: "tanh" }],
  ["ReLU as gate", [2, 8, 3, 3], { gate: "relu" }],
  ["a 1×1 map", [2, 8, 1, 1], {}],
];

describe.each(variants)("squeezeExcite, %s", (_, shape, options) => {
  const graph = block(shape, options);
  const feeds = feedsOf(graph);

  it("is the paper's block", () => {
    verify(graph);
    const { y } = evaluate(graph, feeds);
    const expected = plain(feeds, gates[(options?.gate ?? "sigmoid") as keyof typeof gates]);
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

/** Means and deviations of a channel, its greatest element, and the means of regions, computed anew. */
function summaryOf(options: SEOptions, pixels: number[][]): number[][] {
  const all = pixels.flat();
  const mean = (list: number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const region = (rows: [number, number], columns: [number, number]) =>
    mean(pixels.slice(...rows).flatMap((row) => row.slice(...columns)));
  switch (options.squeeze ?? "avg") {
    case "avg":
      return [[mean(all)]];
    case "max":
      return [[Math.max(...all)]];
    case "avg+max":
      return [[mean(all)], [Math.max(...all)]];
    case "avg+std":
      return [[mean(all)], [Math.sqrt(mean(all.map((x) => (x - mean(all)) ** 2)) + 1e-5)]];
    case "grid":
      // Of 5 rows and 4 columns, 2 × 2 regions; the middle row is in both.
      return [
        [region([0, 3], [0, 2]), region([0, 3], [2, 4]), region([2, 5], [0, 2]), region([2, 5], [2, 4])],
      ];
    case "flatten":
    case "none":
      return [all];
    case "tile":
      // Of 5 rows and 4 columns, windows of 3 × 3: two of each, the second narrower.
      return [
        [region([0, 3], [0, 3]), region([0, 3], [3, 4]), region([3, 5], [0, 3]), region([3, 5], [3, 4])],
      ];
  }
}

/** For every pixel of the 5 × 4 map the place of the summary whose gate it has. */
function placeOf(options: SEOptions, y: number, x: number): number {
  if (options.squeeze === "none") return 4 * y + x;
  return options.squeeze === "tile" ? 2 * Math.floor(y / 3) + Math.floor(x / 3) : 0;
}

/** A block with one hidden layer or ECA's convolution, and a sigmoid, as loops over one image's channels. */
function variantOf(options: SEOptions, feeds: Record<string, RefTensor>): number[] {
  const [, channels, height, width] = feeds.x.shape;
  const map = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => feeds.x.data[(c * height + y) * width + x]),
    ),
  );
  const summaries = map.map((pixels) => summaryOf(options, pixels));
  const rows = summaries[0].length;
  const places = summaries[0][0].length;
  const together = options.squeeze === "grid" || options.squeeze === "flatten";
  const gatesAt = Array.from({ length: together ? 1 : places }, (_, at) => {
    // What the layer reads: row by row, channel by channel, and where it reads all places, place by place.
    const read = (row: number, channel: number) =>
      together ? summaries[channel][row] : [summaries[channel][row][at]];
    const excited = options.excitation === "eca" ? convolved(read) : connected(read);
    return excited.map((x) => 1 / (1 + Math.exp(-x)));
  });
  function connected(read: (row: number, channel: number) => number[]): number[] {
    const [w1, b1, w2, b2] = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"].map(
      (name) => feeds[`se.${name}`].data,
    );
    const inputs = Array.from({ length: rows }, (_, row) => map.flatMap((_, c) => read(row, c))).flat();
    const hidden = Array.from(b1, (bias, h) =>
      Math.max(
        0,
        inputs.reduce((sum, x, i) => sum + w1[h * inputs.length + i] * x, bias),
      ),
    );
    return Array.from(b2, (bias, c) =>
      hidden.reduce((sum, x, h) => sum + w2[c * hidden.length + h] * x, bias),
    );
  }
  function convolved(read: (row: number, channel: number) => number[]): number[] {
    const { shape, data } = feeds["se.conv.weight"];
    const [, inputs, size] = shape;
    const reach = (size - 1) / 2;
    return map.map((_, c) => {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        if (c + k < 0 || c + k >= channels) continue;
        const values = Array.from({ length: rows }, (_, row) => read(row, c + k)).flat();
        values.forEach((value, i) => {
          sum += data[i * size + k + reach] * value;
        });
        expect(values).toHaveLength(inputs);
      }
      return sum;
    });
  }
  return map.flatMap((pixels, c) =>
    pixels.flatMap((row, y) => row.map((value, x) => value * gatesAt[placeOf(options, y, x)][c])),
  );
}

const sweep = squeezeNames.flatMap((squeeze) =>
  (["fc", "eca"] as const).map(
    (excitation): SEOptions => ({
      squeeze,
      excitation,
      ...(squeeze === "tile" && { tile: 3 }),
    }),
  ),
);

describe.each(sweep)("%o", (options) => {
  const graph = block([1, 8, 5, 4], options);
  // Not all hidden units are off.
  const feeds = feedsOf(graph, 50);

  it("computes what it says, and has the gradient that its slope shows", () => {
    verify(graph);
    const { y } = evaluate(graph, feeds);
    const expected = variantOf(options, feeds);
    expect(y.data).toHaveLength(expected.length);
    y.data.forEach((value, i) => {
      // Shares of regions are float32 constants.
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-6);
    });
    const { graph: withLoss, loss } = withProjection(graph);
    for (const error of gradientErrors(withLoss, loss, graph.inputs, feeds)) {
      expect(error).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe("other excitations", () => {
  it.each<SEOptions>([
    { hidden: [] },
    { hidden: ["C/r", 6, "2C/r"], reduction: 2 },
    { hidden: ["C/2"], norm: true, activation: "hard-swish" },
    ...gateNames.map((gate) => ({ gate, hidden: ["C/2"] })),
    { squeeze: "grid", hidden: [], gate: "tanh" },
  ])("%o have the gradient that their slope shows", (options) => {
    const graph = block([2, 8, 4, 4], options);
    verify(graph);
    const feeds = feedsOf(graph);
    const { graph: withLoss, loss } = withProjection(graph);
    for (const error of gradientErrors(withLoss, loss, graph.inputs, feeds)) {
      expect(error).toBeLessThanOrEqual(1e-6);
    }
  });

  it("have a softmax whose mean over the channels is 1", () => {
    const graph = block([2, 8, 4, 4], { gate: "softmax" });
    const feeds = feedsOf(graph);
    const ones = { ...feeds, x: { ...feeds.x, data: feeds.x.data.map(() => 1) } };
    const { y } = evaluate(graph, ones);
    const sum = Array.from(y.data).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(y.data.length, 10);
  });

  it("name as many layers as there are", () => {
    const names = parametersOf(block([1, 16, 4, 4], { hidden: [3, 5], norm: true })).map(
      ({ name, shape }) => `${name} ${shape}`,
    );
    expect(names).toEqual([
      "se.fc1.weight 3,16,1,1",
      "se.fc1.bias 3",
      "se.bn1.weight 3",
      "se.bn1.bias 3",
      "se.fc2.weight 5,3,1,1",
      "se.fc2.bias 5",
      "se.bn2.weight 5",
      "se.bn2.bias 5",
      "se.fc3.weight 16,5,1,1",
      "se.fc3.bias 16",
    ]);
  });

  it("look at as many neighbors as ECA's authors print", () => {
    expect([64, 128, 256, 512, 1024, 2048].map(ecaKernel)).toEqual([3, 5, 5, 5, 5, 7]);
  });
});

describe("hiddenWidths", () => {
  it.each<[number, SEOptions | undefined, number[]]>([
    [256, undefined, [16]],
    [64, undefined, [4]],
    [16, undefined, [4]],
    [16, { minimumHidden: 1 }, [1]],
    [40, { reduction: 16, minimumHidden: 1 }, [2]],
    [64, { reduction: 2 }, [32]],
    [100, { reduction: 3.5, minimumHidden: 1 }, [28]],
    // MobileNetV3's and timm's: multiples of 8, of which 16 would be less than 90 % of 18.
    [64, { divisor: 8 }, [8]],
    [72, { reduction: 4, divisor: 8 }, [24]],
    [120, { reduction: 4, divisor: 8 }, [32]],
    [100, { reduction: 4, divisor: 8 }, [24]],
    [64, { hidden: [] }, []],
    [256, { hidden: ["C/r", "2C/r", "C/8", "0.5C", "C", 3] }, [16, 32, 32, 128, 256, 3]],
  ])("of %i channels, %j: %j", (channels, options, hidden) => {
    expect(hiddenWidths(channels, options)).toEqual(hidden);
  });
});

describe("refuses", () => {
  it.each<[object, string]>([
    [
      { reduction: 0 },
      "expected the `reduction` of its SE blocks to be a number above 0, found 0; correct it.",
    ],
    [
      { minimumHidden: 2.5 },
      "expected the `minimumHidden` of its SE blocks to be a whole number of at least 1, found 2.5; correct it.",
    ],
    [
      { hidden: [0] },
      'expected the `hidden` of its SE blocks to be a list of widths, each a whole number of at least 1 or such as "C/r", "2C/r", "C/8", found [0]; correct it.',
    ],
    [
      { hidden: ["C/0"] },
      'expected the `hidden` of its SE blocks to be a list of widths, each a whole number of at least 1 or such as "C/r", "2C/r", "C/8", found ["C/0"]; correct it.',
    ],
    [
      { gate: "sigmiod" },
      'expected the `gate` of its SE blocks to be sigmoid, hard-sigmoid, tanh, relu, softmax, found "sigmiod" (did you mean "sigmoid"?); correct it.',
    ],
    [{ bias: "no" }, 'expected the `bias` of its SE blocks to be true or false, found "no"; correct it.'],
    [
      { reductoin: 8 },
      'there is no option "reductoin" (did you mean "reduction"?); the options are squeeze, grid, tile, excitation, hidden, reduction, minimumHidden, divisor, bias, norm, activation, gate.',
    ],
    [{ grid: 2 }, '`grid` is for the squeeze "grid" only; choose that, or leave `grid` out.'],
    [
      { excitation: "eca", norm: true },
      '`norm` is for the excitation "fc" only; choose that, or leave `norm` out.',
    ],
    [
      { squeeze: "grid", grid: 5 },
      "expected a grid of at most 4×4 for a map of 4×4, found 5×5; choose a coarser one.",
    ],
  ])("%j", (options, message) => {
    expect(() => block([1, 8, 4, 4], options)).toThrow(`SE block se: ${message}`);
  });
});
