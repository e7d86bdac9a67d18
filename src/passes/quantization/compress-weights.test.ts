import { expect, it } from "vitest";
import { dtypes } from "../../ir/dtype.ts";
import { type Graph, knownShape, parametersOf, storedValues } from "../../ir/graph.ts";
import { print } from "../../ir/print.ts";
import { sizeOf } from "../../ir/shape.ts";
import { tensor, zeros } from "../../ir/tensor.ts";
import { createModel } from "../../models/create-model.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { bindDims } from "../graph/bind-dims.ts";
import { matchSE } from "../se/match-se.ts";
import { compressWeights } from "./compress-weights.ts";

const net = createModel("seresnet8");

it.each([
  ["int8", 0.28],
  ["fp16", 0.51],
] as const)("%s makes what is stored smaller and changes the logits a little", async (format, share) => {
  const small = compressWeights(net, format);
  verify(small);
  expect(storedBytes(small) / storedBytes(net)).toBeLessThan(share);
  const names = (graph: Graph) => parametersOf(graph).map(({ name }) => name);
  expect(names(small).toSorted()).toEqual(names(net).toSorted());
  const shape = knownShape(bindDims(net, { N: 2 }).inputs[0]);
  const images = {
    ...zeros(shape),
    data: Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i)),
  };
  const [before, after] = [await executeGraph(net, { images }), await executeGraph(small, { images })];
  const differences = (after.logits.data as Float32Array).map((v, i) =>
    Math.abs(v - Number(before.logits.data[i])),
  );
  expect(Math.max(...differences)).toBeLessThan(0.1);
  expect(Math.max(...differences)).toBeGreaterThan(0);
});

it("refuses NaN, which no byte can be, and networks without float32 weights", () => {
  const broken = createModel("seresnet8");
  const [weight] = parametersOf(broken);
  (weight.tensor?.data as Float32Array)[7] = Number.NaN;
  expect(() => compressWeights(broken, "int8")).toThrow(
    "seresnet8: expected finite numbers in conv1.weight, found NaN; check the network's weights.",
  );
  expect(() => compressWeights(compressWeights(net, "int8"), "int8")).toThrow(
    "seresnet8: expected float32 weights to store as int8, found none; give the network that it was made from.",
  );
});

it("leaves weights alone that are fed at every run", () => {
  const [weight] = parametersOf(net);
  const fed = { ...net, inputs: [...net.inputs, weight] };
  for (const format of ["int8", "fp16"] as const) {
    const small = compressWeights(fed, format);
    verify(small);
    expect(small.inputs[1]).toBe(weight);
    expect(small.nodes[0].inputs[1]).toBe(weight);
  }
});

it("rounds to the nearest float16, half to even, subnormals too", async () => {
  const numbers = [1, -2, 0.1, 65504, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -24, 2 ** -25, 3e-6, 2 - 2 ** -12];
  const { y } = await executeGraph(oneParameter(numbers), { x: zeros([10]) });
  expect([...(y.data as Float32Array)]).toEqual(
    [1, -2, 0.0999755859375, 65504, 1, 1 + 2 ** -9, 2 ** -24, 0, 50 * 2 ** -24, 2].map(Math.fround),
  );
});

it("leaves numbers float32 that float16 does not have", () => {
  const [parameter] = parametersOf(oneParameter([1e6]));
  expect(parameter.dtype).toBe("float32");
});

it("leaves a weight float32 that is no layer's weight alone", () => {
  const b = newGraph("shared");
  const x = b.input("x", "float32", ["N", 2]);
  const weight = b.parameter("weight", tensor([2, 2], [1, 2, 3, 4]));
  b.output("y", b.op("Add", [b.op("MatMul", [x, weight]), b.op("ReduceSum", [weight])]));
  expect(print(compressWeights(b.build(), "int8"))).toBe(print(b.build()));
});

/** x + p with p in float16. */
function oneParameter(numbers: readonly number[]): Graph {
  const b = newGraph("one");
  const x = b.input("x", "float32", [numbers.length]);
  b.output("y", b.op("Add", [x, b.parameter("p", tensor([numbers.length], numbers))]));
  return compressWeights(b.build(), "fp16");
}

function storedBytes(graph: Graph): number {
  return storedValues(graph).reduce(
    (sum, value) => sum + dtypes[value.dtype].bytes * sizeOf(knownShape(value)),
    0,
  );
}

it.each(["int8", "fp16"] as const)("SE blocks are found as before, their weights in %s", (format) => {
  expect(matchSE(compressWeights(net, format)).map(({ path }) => path)).toEqual(
    matchSE(net).map(({ path }) => path),
  );
});
