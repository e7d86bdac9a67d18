import { describe, expect, it } from "vitest";
import { smallNet } from "../../../test/support/small-net.ts";
import { parametersOf } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { bindDims, withBatchOfOne } from "./bind-dims.ts";

describe("bindDims", () => {
  it("gives symbols numbers, in every node", () => {
    const model = smallNet();
    const bound = bindDims(model, { N: 5 });
    verify(bound);
    expect(bound.inputs[0].shape).toEqual([5, 2, 8, 8]);
    expect(bound.outputs[0].value.shape).toEqual([5, 3]);
    for (const { outputs } of bound.nodes) expect(outputs.every(({ shape }) => shape[0] === 5)).toBe(true);
    // Parameters are shared, the model and its metadata stay.
    expect(parametersOf(bound)).toEqual(parametersOf(model));
    expect(bound.metadata).toEqual({ license: "none" });
    expect(model.inputs[0].shape).toEqual(["N", 2, 8, 8]);
  });

  it("leaves other symbols", () => {
    const b = newGraph("two");
    b.output("y", b.op("Relu", [b.input("x", "float32", ["N", "H"])]));
    expect(bindDims(b.build(), { N: 2, M: 9 }).outputs[0].value.shape).toEqual([2, "H"]);
    expect(bindDims(b.build(), {}).outputs[0].value.shape).toEqual(["N", "H"]);
  });

  it("reports sizes that turn out too small", () => {
    const b = newGraph("window");
    const x = b.input("x", "float32", [1, 1, "H", "H"]);
    b.output(
      "y",
      b.scope("stem", () => b.op("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2] })),
    );
    expect(bindDims(b.build(), { H: 7 }).outputs[0].value.shape).toEqual([1, 1, 3, 3]);
    expect(() => bindDims(b.build(), { H: 2 })).toThrow(
      "MaxPool in stem: a window of 3 does not fit into 2 + 0 padding",
    );
  });
});

describe("withBatchOfOne", () => {
  it("makes the batch of every input 1, whatever it is called, and leaves numbers and other symbols", () => {
    const b = newGraph("four");
    b.output("y", b.op("Relu", [b.input("x", "float32", ["N", 3, "H", 8])]));
    b.output("z", b.op("Relu", [b.input("labels", "float32", ["M"])]));
    b.output("u", b.op("Relu", [b.input("fixed", "float32", [4, 3])]));
    b.output("v", b.op("Relu", [b.input("rate", "float32", [])]));
    const one = withBatchOfOne(b.build());
    verify(one);
    expect(one.outputs.map(({ value }) => value.shape)).toEqual([[1, 3, "H", 8], [1], [4, 3], []]);
  });
});
