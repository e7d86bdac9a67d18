import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradientErrors, withProjection } from "../../../test/support/check-gradient.ts";
import { evaluateValues } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { SenetError } from "../../base/errors.ts";
import { type Graph, knownShape, type Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { refTensor } from "../../reference/ref-tensor.ts";
import { differentiate } from "./differentiate.ts";

/** Appends the gradients and counts the nodes this took. */
function appended(graph: Graph, loss: Value, wrt: readonly Value[]) {
  const b = newGraph(graph.name, { from: graph });
  const gradients = differentiate(b, graph, loss, wrt);
  const whole = b.build();
  verify(whole);
  return { whole, gradients, ops: whole.nodes.slice(graph.nodes.length).map(({ op }) => op) };
}

describe("differentiate", () => {
  it("sums where a value is used several times", () => {
    const b = newGraph("fan-out");
    const x = b.input("x", "float32", [3]);
    // x·x + x: three uses of x.
    const y = b.op("Add", [b.op("Mul", [x, x]), x]);
    const loss = b.op("ReduceSum", [y], { keepdims: 0 });
    const { whole, gradients, ops } = appended(b.build(), loss, [x]);
    const [dx] = evaluateValues(whole, { x: refTensor([3], [1, -2, 5]) }, gradients);
    expect(Array.from(dx.data)).toEqual([3, -3, 11]);
    expect(ops.filter((op) => op === "Add").length).toBe(2);
  });

  it("sums over what broadcasting repeated, and keeps the shape", () => {
    const b = newGraph("broadcast");
    const map = b.input("map", "float32", [2, 3, 2, 2]);
    const gate = b.input("gate", "float32", [2, 3, 1, 1]);
    const channel = b.input("channel", "float32", [3, 1, 1]);
    const one = b.input("one", "float32", []);
    const y = b.op("Add", [b.op("Mul", [b.op("Mul", [map, gate]), channel]), one]);
    const loss = b.op("ReduceSum", [y], { keepdims: 0 });
    const wrt = [map, gate, channel, one];
    const { gradients } = appended(b.build(), loss, wrt);
    expect(gradients.map(({ shape }) => shape)).toEqual(wrt.map(({ shape }) => shape));
    const feeds = Object.fromEntries(wrt.map((value, i) => [value.name, randomTensor(knownShape(value), i)]));
    for (const error of gradientErrors(b.build(), loss, wrt, feeds)) expect(error).toBeLessThanOrEqual(1e-6);
  });

  it("visits only what lies on a path from a target to the loss", () => {
    const b = newGraph("prune");
    const x = b.input("x", "float32", [4]);
    const frozen = b.input("frozen", "float32", [4]);
    // Beside the path: not computed from x.
    const beside = b.op("Sigmoid", [b.op("Relu", [frozen])]);
    // Off the path: computed from x, but not on the way to the loss; has no gradient, which must not matter.
    b.output("off", b.op("Clip", [b.op("Sqrt", [x])]));
    const loss = b.op("ReduceSum", [b.op("Mul", [x, beside])], { keepdims: 0 });
    const graph = b.build();
    const { ops } = appended(graph, loss, [x]);
    // ReduceSum's rule, then one product.
    expect(ops).toEqual(["Reshape", "Expand", "Mul"]);
    // With both targets the way through Relu and Sigmoid is walked too.
    expect(appended(graph, loss, [x, frozen]).ops).toEqual([
      "Reshape",
      "Expand",
      "Mul",
      "Mul",
      "Mul",
      "Sub",
      "Mul",
      "ReluGrad",
    ]);
  });

  it("stops at a target that is itself computed", () => {
    const b = newGraph("inner");
    const x = b.input("x", "float32", [2]);
    const inner = b.op("Min", [x, x]); // has no gradient, and needs none
    const loss = b.op("ReduceSum", [b.op("Mul", [inner, inner])], { keepdims: 0 });
    const { whole, gradients } = appended(b.build(), loss, [inner]);
    expect(Array.from(evaluateValues(whole, { x: refTensor([2], [3, 4]) }, gradients)[0].data)).toEqual([
      6, 8,
    ]);
  });

  it("of the loss itself is 1", () => {
    const b = newGraph("itself");
    const loss = b.op("ReduceSum", [b.input("x", "float32", [2])], { keepdims: 0 });
    const { whole, gradients } = appended(b.build(), loss, [loss]);
    expect(Array.from(evaluateValues(whole, {}, gradients)[0].data)).toEqual([1]);
  });

  it("keeps each gradient in the scope of its node", () => {
    const b = newGraph("scopes");
    const x = b.input("x", "float32", [2]);
    const y = b.scope("layer1", () => b.op("Relu", [x]));
    const loss = b.scope("loss", () => b.op("ReduceSum", [y], { keepdims: 0 }));
    const { whole } = appended(b.build(), loss, [x]);
    expect(whole.nodes.map(({ op, scope }) => `${scope}:${op}`)).toEqual([
      "layer1:Relu",
      "loss:ReduceSum",
      "loss:Reshape",
      "loss:Expand",
      "layer1:ReluGrad",
    ]);
  });

  describe("refuses", () => {
    const b = newGraph("errors");
    const x = b.input("x", "float32", [2]);
    const other = b.input("other", "float32", [2]);
    const loss = b.op("ReduceSum", [b.op("Mul", [x, x])], { keepdims: 0 });
    const clipped = b.scope("head", () => b.op("Min", [x, x]));
    const clippedLoss = b.op("ReduceSum", [clipped], { keepdims: 0 });
    const statistics = b.ops("BatchNormTrain", [
      b.op("Reshape", [x, b.constant([2, 1])]),
      ...[1, 0, 0, 1].map((fill) => b.constant(tensor([1], [fill]))),
    ]);
    const meanLoss = b.op("ReduceSum", [statistics[1]], { keepdims: 0 });
    const graph = b.build();

    it.each<[string, Value, Value, string]>([
      [
        "a loss that is not a scalar",
        x,
        x,
        "differentiate: the loss should be a scalar, found [2]; reduce it to one number first (ReduceMean).",
      ],
      [
        "a target that the loss does not read",
        loss,
        other,
        "differentiate: the loss does not depend on other; leave it out.",
      ],
      [
        "a target behind the loss",
        loss,
        clipped,
        "differentiate: the loss does not depend on head:Min; leave it out.",
      ],
      [
        "an operator without a gradient",
        clippedLoss,
        x,
        "Min in head has no gradient: no rule is written for it, as only optimizers use it here (gradient clipping); replace it, or want no gradient through it.",
      ],
      [
        "a loss made of another output than the first",
        meanLoss,
        x,
        "BatchNormTrain in the graph: the gradient rule needs that of its first output.",
      ],
    ])("%s", (_, of, target, message) => {
      expect(() => differentiate(newGraph("g", { from: graph }), graph, of, [target])).toThrow(
        new SenetError("gradient", message),
      );
    });
  });

  it("asks for a known batch first", () => {
    const b = newGraph("symbolic");
    const x = b.input("images", "float32", ["N", 3]);
    const w = b.parameter("w", tensor([3], [1, 2, 3]));
    const loss = b.op("ReduceSum", [b.op("Mul", [x, w])], { keepdims: 0 });
    expect(() => differentiate(b, b.build(), loss, [w])).toThrow(
      new SenetError(
        "shape",
        "differentiate: images: expected known dimensions, found [N, 3]; bind its symbols, such as the batch, to numbers first (bindDims).",
      ),
    );
  });

  it("is right for random graphs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 3, maxLength: 12 }),
        (recipe) => {
          const { graph, feeds } = composed(recipe);
          const { graph: withLoss, loss } = withProjection(graph);
          const reached = graph.inputs.filter((input) => reaches(graph, input));
          for (const error of gradientErrors(withLoss, loss, reached, feeds, 1e-3)) {
            expect(error).toBeLessThanOrEqual(1e-6);
          }
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});

/** Smooth operations that keep numbers near 1, whatever is put together. */
const unary = ["Sigmoid", "Neg", "Softmax", "Identity"] as const;
const binary = ["Add", "Sub", "Mul"] as const;

/** A graph made of random choices: shapes [2, 3], [3], [2, 1] and [] meet and broadcast. */
function composed(recipe: readonly (readonly [number, number, number])[]) {
  const b = newGraph("random");
  const shapes = [[2, 3], [3], [2, 1], []];
  const values: Value[] = shapes.map((shape, i) => b.input(`x${i}`, "float32", shape));
  const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, randomTensor(shape, 40 + i)]));
  for (const [kind, first, second] of recipe) {
    const [x, y] = [values[first % values.length], values[second % values.length]];
    values.push(nodeOf(b, kind, x, y));
  }
  b.output("y", values[values.length - 1]);
  return { graph: b.build(), feeds };
}

function nodeOf(b: ReturnType<typeof newGraph>, kind: number, x: Value, y: Value): Value {
  const choice = kind % 9;
  if (choice < 4) return b.op(binary[choice % 3], [x, y]);
  if (choice === 4 && x.shape.length > 0) return b.op("ReduceMean", [x, b.constant([-1])]);
  if (choice === 5 && x.shape.length === 2)
    return b.op("Transpose", [b.op("Transpose", [x], { perm: [1, 0] })], { perm: [1, 0] });
  if (choice === 6) return b.op("Sum", [x, y, x]);
  const op = unary[kind % unary.length];
  return op === "Softmax" && x.shape.length === 0 ? b.op("Sigmoid", [x]) : b.op(op, [x]);
}

/** Whether there is a path from an input to the output. */
function reaches(graph: Graph, input: Value): boolean {
  const reached = new Set<Value | null>([input]);
  for (const node of graph.nodes) {
    if (node.inputs.some((value) => reached.has(value)))
      for (const output of node.outputs) reached.add(output);
  }
  return reached.has(graph.outputs[0].value);
}
