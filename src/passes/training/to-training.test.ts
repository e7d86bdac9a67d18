import { describe, expect, it } from "vitest";
import { evaluateValues } from "../../../test/support/evaluate.ts";
import { smallNet } from "../../../test/support/small-net.ts";
import { statesOf, type Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { refTensor } from "../../reference/ref-tensor.ts";
import { bindDims } from "../graph/bind-dims.ts";
import { toTraining } from "./to-training.ts";

describe("toTraining", () => {
  it("changes BatchNormalization, Dropout and Shake-Shake, and nothing else", () => {
    const model = bindDims(smallNet(), { N: 4 });
    const { graph, updates, noise } = toTraining(model);
    verify(graph);
    const trained: Readonly<Record<string, string>> = {
      BatchNormalization: "BatchNormTrain",
      Dropout: "DropoutTrain",
      ShakeMean: "ShakeShake",
    };
    expect(graph.nodes.map(({ op, scope }) => [op, scope])).toEqual(
      model.nodes.map(({ op, scope }) => [trained[op] ?? op, scope]),
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(["images", "noise.0", "noise.1", "noise.2"]);
    expect(noise).toEqual(graph.inputs.slice(1));
    expect(noise.map(({ shape }) => shape)).toEqual([
      [4, 1, 1, 1],
      [4, 1, 1, 1],
      [4, 4],
    ]);
    expect([...updates.keys()]).toEqual(statesOf(graph));
    expect(graph.metadata).toEqual(model.metadata);
    // The model itself stays as it was.
    expect(model.nodes.some(({ op }) => op === "BatchNormTrain")).toBe(false);
  });

  it("leaves other means of two branches alone, whatever their module is called", () => {
    const b = newGraph("other");
    const x = b.input("x", "float32", [4, 1]);
    b.output(
      "y",
      b.scope("shake", () => b.op("Mean", [x, b.op("Relu", [x])])),
    );
    const { graph, noise } = toTraining(b.build());
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Relu", "Mean"]);
    expect(noise).toEqual([]);
  });

  it("updates the running statistics by PyTorch's momentum", () => {
    const b = newGraph("norm");
    const x = b.input("x", "float32", [4, 1]);
    const [one, zero] = [1, 0].map((fill) => b.constant(tensor([1], [fill])));
    const mean = b.state("mean", tensor([1], [10]));
    const variance = b.state("var", tensor([1], [2]));
    b.output("y", b.op("BatchNormalization", [x, one, zero, mean, variance], { epsilon: 0 }));
    const run = (momentum?: number) => {
      const { graph, updates } = toTraining(b.build(), momentum === undefined ? {} : { momentum });
      const values = [updates.get(mean), updates.get(variance), graph.outputs[0].value].flatMap(
        (v) => v ?? [],
      );
      return evaluateValues(graph, { x: refTensor([4, 1], [1, 3, 5, 7]) }, values).map(({ data }) =>
        Array.from(data),
      );
    };
    // Batch mean 4, biased variance 5, unbiased 20/3.
    const [newMean, newVariance, y] = run();
    expect(newMean[0]).toBeCloseTo(0.9 * 10 + 0.1 * 4, 12);
    expect(newVariance[0]).toBeCloseTo(0.9 * 2 + (0.1 * 20) / 3, 12);
    y.forEach((value, i) => {
      expect(value).toBeCloseTo([-3, -1, 1, 3][i] / Math.sqrt(5), 12);
    });
    expect(run(1)[0][0]).toBeCloseTo(4, 12);
  });

  it("tracks both batches of a layer that is used twice, one after the other", () => {
    const b = newGraph("twice");
    const x = b.input("x", "float32", [4, 1]);
    const [one, zero] = [1, 0].map((fill) => b.constant(tensor([1], [fill])));
    const mean = b.state("mean", tensor([1], [10]));
    const variance = b.state("var", tensor([1], [2]));
    const norm = (value: Value) => b.op("BatchNormalization", [value, one, zero, mean, variance]);
    b.output("y", b.op("Add", [norm(x), norm(b.op("Add", [x, x]))]));
    const { graph, updates } = toTraining(b.build());
    verify(graph);
    const feeds = { x: refTensor([4, 1], [1, 3, 5, 7]) };
    const [tracked] = evaluateValues(graph, feeds, [updates.get(mean) as Value]);
    // Batch means 4 and 8.
    expect(tracked.data[0]).toBeCloseTo(0.9 * (0.9 * 10 + 0.1 * 4) + 0.1 * 8, 12);
  });

  it("drops by the network's own ratio, one half where it names none", () => {
    const ratioOf = (ratio?: number) => {
      const b = newGraph("drop");
      const x = b.input("x", "float32", [2]);
      b.output("y", b.op("Dropout", ratio === undefined ? [x] : [x, b.constant(ratio)]));
      return toTraining(b.build()).graph.nodes[0].attrs.ratio;
    };
    expect(ratioOf(0.25)).toBe(0.25);
    expect(ratioOf()).toBe(0.5);
    expect(ratioOf(0)).toBe(0);
    expect(() => ratioOf(1)).toThrow(
      "Dropout in the graph: expected a stored ratio from 0 to below 1, found 1; export the model with another.",
    );
  });

  it("takes no ratio that is fed, whatever it begins with", () => {
    const b = newGraph("drop");
    const ratio = b.constant(0.25);
    b.feed([ratio]);
    b.output("y", b.op("Dropout", [b.input("x", "float32", [2]), ratio]));
    expect(() => toTraining(b.build())).toThrow("found a constant value of float32");
  });
});
