import { describe, expect, it } from "vitest";
import { SenetError } from "../base/errors.ts";
import { newGraph } from "../ops/new-graph.ts";
import { verify } from "../ops/verify.ts";
import { parametersOf, statesOf } from "./graph.ts";
import { print } from "./print.ts";
import { tensor } from "./tensor.ts";

describe("GraphBuilder", () => {
  it("names parameters, states and nodes by their scopes", () => {
    const b = newGraph("scopes");
    const x = b.input("x", "float32", ["N", 2]);
    const made = b.scope("layer1", () =>
      b.scope(0, () => {
        const weight = b.parameter("weight", tensor([2], [1, 2]));
        const mean = b.state("running_mean", tensor([2], [0, 0]));
        return { weight, mean, y: b.op("Add", [b.op("Mul", [x, weight]), mean]) };
      }),
    );
    b.output("y", b.op("Relu", [made.y]));
    expect(made.weight.name).toBe("layer1.0.weight");
    expect(made.mean.name).toBe("layer1.0.running_mean");
    const graph = b.build();
    expect(graph.nodes.map(({ scope }) => scope)).toEqual(["layer1.0", "layer1.0", ""]);
    expect(parametersOf(graph)).toEqual([made.weight]);
    expect(statesOf(graph)).toEqual([made.mean]);
  });

  it("leaves a scope when its body throws", () => {
    const b = newGraph("throws");
    expect(() =>
      b.scope("inner", () => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(b.path("x")).toBe("x");
    expect(() =>
      b.within("elsewhere", () => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(b.path()).toBe("");
  });

  it("within replaces the whole path", () => {
    const b = newGraph("within");
    b.scope("a", () => {
      expect(b.within("c.d", () => b.path("x"))).toBe("c.d.x");
      expect(b.within("", () => b.path("x"))).toBe("x");
      expect(b.path("x")).toBe("a.x");
    });
  });

  it("fills in attribute defaults, and keeps what is given, also zero", () => {
    const b = newGraph("defaults");
    const x = b.input("x", "float32", [1, 2, 4, 4]);
    b.op("MaxPool", [x], { kernel_shape: [2, 2] });
    b.op("HardSigmoid", [x], { alpha: 0 });
    const [pool, gate] = b.build().nodes;
    expect(pool.attrs).toEqual({
      kernel_shape: [2, 2],
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      ceil_mode: 0,
      dilations: [1, 1],
    });
    expect(gate.attrs).toEqual({ alpha: 0, beta: 0.5 });
  });

  it("suggests the nearest operator", () => {
    const b = newGraph("unknown");
    const x = b.input("x", "float32", [2]);
    const attempt = (op: string) => () => b.op(op, [x]);
    expect(attempt("relu")).toThrow(
      new SenetError(
        "unknown-name",
        'Operator "relu" is not known (did you mean "Relu"?); correct its name.',
      ),
    );
    expect(attempt("Quaternion")).toThrow(
      new SenetError("unknown-name", 'Operator "Quaternion" is not known; correct its name.'),
    );
    // A name that every object has is no operator.
    expect(attempt("toString")).toThrow('Operator "toString" is not known');
  });

  it("refuses an output given twice", () => {
    const b = newGraph("twice");
    const x = b.input("x", "float32", [2]);
    b.output("y", x);
    expect(() => b.output("y", b.op("Relu", [x]))).toThrow(
      new SenetError("graph", 'Graph twice: output "y" is given twice; rename one.'),
    );
    const again = newGraph("again", { from: b.build() });
    expect(() => again.output("y", x)).toThrow('Graph again: output "y" is given twice; rename one.');
  });

  it("makes float32 scalars of numbers and int64 vectors of lists", () => {
    const b = newGraph("constants");
    expect(b.constant(0.5)).toMatchObject({ role: "constant", dtype: "float32", shape: [] });
    expect(b.constant([1, -1]).tensor).toEqual(tensor([2], [1, -1], "int64"));
    expect(b.constant(tensor([1], [3]))).toMatchObject({ dtype: "float32", shape: [1] });
  });

  it("starts from a graph without changing it", () => {
    const b = newGraph("first");
    const x = b.input("x", "float32", [2]);
    b.output("y", b.op("Relu", [x]));
    b.note("key", "text");
    const graph = b.build();
    const before = print(graph);
    const longer = newGraph("second", { from: graph });
    longer.output("z", longer.op("Neg", [graph.outputs[0].value]));
    expect(print(graph)).toBe(before);
    const second = longer.build();
    expect(second.nodes.length).toBe(2);
    expect(second.metadata).toEqual({ key: "text" });
    verify(second);
    // What is built stays as it is while the builder goes on.
    longer.op("Relu", [x]);
    expect(second.nodes.length).toBe(2);
  });
});
