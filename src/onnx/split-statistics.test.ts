import { expect, test } from "vitest";
import { oldModel } from "../../test/support/old-model.ts";
import { type Graph, storedValues } from "../ir/graph.ts";
import { tensor } from "../ir/tensor.ts";
import { readOnnx } from "./read-onnx.ts";

const of = (length: number, fill: number) => tensor([length], new Float32Array(length).fill(fill));
const roles = (graph: Graph) => Object.fromEntries(storedValues(graph).map((v) => [v.name ?? "?", v.role]));

/** Normalizations one after another, each of them given by the names of its scale, shift, mean and variance. */
function norms(...layers: readonly (readonly string[])[]): Graph {
  const names = new Set(layers.flat());
  const nodes = layers.map((names, i) => ({
    op: "BatchNormalization",
    inputs: [i === 0 ? "x" : `h${i}`, ...names],
    outputs: [i === layers.length - 1 ? "y" : `h${i + 1}`],
  }));
  const stored = Object.fromEntries([...names].map((name) => [name, of(3, 1)]));
  return readOnnx(oldModel({ opset: 17, x: ["N", 3, 4, 4], nodes, stored }));
}

test("a shift that is also a mean becomes two tensors, as does a scale that is a variance", () => {
  const graph = norms(["ones", "zeros", "zeros", "ones"]);
  expect(roles(graph)).toEqual({
    ones: "parameter",
    zeros: "parameter",
    "zeros.running_mean": "state",
    "ones.running_var": "state",
  });
  const [zeros, mean] = storedValues(graph).filter(({ name }) => name?.startsWith("zeros"));
  expect(mean.tensor).toBe(zeros.tensor);
});

test("two layers that share statistics only have some each", () => {
  expect(roles(norms(["a", "b", "mean", "var"], ["c", "d", "mean", "var"]))).toEqual({
    ...{ a: "parameter", b: "parameter", c: "parameter", d: "parameter" },
    ...{ mean: "state", var: "state", "mean.running_mean": "state", "var.running_var": "state" },
  });
});

test("a layer that is used twice stays one", () => {
  const twice = norms(["a", "b", "mean", "var"], ["a", "b", "mean", "var"]);
  expect(roles(twice)).toEqual({ a: "parameter", b: "parameter", mean: "state", var: "state" });
});

test("what is shared three ways gets names of which none is taken", () => {
  const graph = norms(["s", "t", "zeros", "zeros.running_mean"], ["u", "zeros", "zeros", "v"]);
  expect(Object.keys(roles(graph)).sort()).toEqual(
    [
      "s",
      "t",
      "u",
      "v",
      "zeros",
      "zeros.running_mean",
      "zeros.running_mean_2",
      "zeros.running_mean_3",
    ].sort(),
  );
});
