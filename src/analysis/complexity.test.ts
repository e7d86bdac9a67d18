import { expect, it } from "vitest";
import { createModel } from "../models/create-model.ts";
import { relu } from "../nn/activations.ts";
import { conv2d } from "../nn/conv2d.ts";
import { linear } from "../nn/linear.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import { newGraph } from "../ops/new-graph.ts";
import { complexity } from "./complexity.ts";

it("counts a network that can be counted by hand", () => {
  const b = newGraph("tiny");
  const x = b.input("images", "float32", ["N", 3, 8, 8]);
  const y = relu(b, conv2d(b, "conv", x, { out: 5, kernel: 3, bias: true }));
  b.output("logits", linear(b, "fc", b.op("Flatten", [globalAveragePool(b, y)]), { out: 2 }));
  const { parameters, statistics, macs, seParameters, seMacs, seBlocks } = complexity(b.build());
  expect({ parameters, statistics, macs, seParameters, seMacs, seBlocks }).toEqual({
    parameters: 5 * 3 * 9 + 5 + 2 * 5 + 2,
    statistics: 0,
    macs: 5 * 3 * 9 * 64 + 2 * 5,
    seParameters: 0,
    seMacs: 0,
    seBlocks: 0,
  });
});

it("tells what SE blocks add, and nothing else", () => {
  const plain = complexity(createModel("resnet20"));
  const se = complexity(createModel("seresnet20"));
  expect(se.seBlocks).toBe(9);
  expect(se.parameters - plain.parameters).toBe(se.seParameters);
  expect(se.macs - plain.macs).toBe(se.seMacs);
  // Three blocks each of 16, 32 and 64 channels, with 4 hidden units: two matrices and two biases.
  expect(se.seParameters).toBe(3 * [16, 32, 64].reduce((sum, c) => sum + 2 * 4 * c + 4 + c, 0));
  expect(se.seMacs).toBe(3 * [16, 32, 64].reduce((sum, c) => sum + 2 * 4 * c, 0));
  expect(se.statistics).toBe(plain.statistics);
});

it("counts the images of a fixed batch", () => {
  expect(complexity(createModel("resnet8", { batch: 4 })).macs).toBe(
    4 * complexity(createModel("resnet8")).macs,
  );
});
