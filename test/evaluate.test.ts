import { describe, expect, it } from "vitest";
import type { DType } from "../src/ir/dtype.ts";
import { type Attr, type Graph, type Node, Value } from "../src/ir/graph.ts";
import type { Shape } from "../src/ir/shape.ts";
import { tensor } from "../src/ir/tensor.ts";
import { refTensor, toRef } from "../src/reference/ref-tensor.ts";
import { evaluate, evaluateValues } from "./support/evaluate.ts";

const x = new Value("input", "float32", ["N", 2], { name: "x" });
const weight = new Value("parameter", "float32", [2], { name: "fc.weight", tensor: tensor([2], [10, 100]) });
const fed = { x: refTensor([1, 2], [1, 2]) };

function node(
  op: string,
  inputs: (Value | null)[],
  shape: Shape,
  options: { attrs?: Record<string, Attr>; dtype?: DType } = {},
): Node {
  const output = new Value("computed", options.dtype ?? "float32", shape);
  const made: Node = { op, scope: "head", inputs, attrs: options.attrs ?? {}, outputs: [output] };
  output.producer = made;
  return made;
}

function graphOf(nodes: Node[], inputs: Value[] = [x]): Graph {
  const last = nodes[nodes.length - 1].outputs[0];
  return { name: "test", inputs, outputs: [{ name: "y", value: last }], nodes, metadata: {} };
}

const product = node("Mul", [x, weight], ["N", 2]);
const total = node("Add", [product.outputs[0], x], ["N", 2]);

describe("evaluate", () => {
  it("binds stored values and feeds, and names its outputs", () => {
    expect(evaluate(graphOf([product, total]), fed)).toEqual({ y: refTensor([1, 2], [11, 202]) });
  });

  it("prefers a feed to a stored value, where the graph lists it as an input", () => {
    const graph = graphOf([product], [x, weight]);
    expect(evaluate(graph, fed).y.data).toEqual(Float64Array.of(10, 200));
    const other = { ...fed, "fc.weight": refTensor([2], [3, 4]) };
    expect(evaluate(graph, other).y.data).toEqual(Float64Array.of(3, 8));
    expect(() => evaluate(graphOf([product]), other)).toThrow('"fc.weight" is fed, but no input');
  });

  it("passes on an input that is left out as null", () => {
    const six = new Value("constant", "float32", [], { tensor: tensor([], [1.5]) });
    expect(evaluate(graphOf([node("Clip", [x, null, six], ["N", 2])]), fed).y.data).toEqual(
      Float64Array.of(1, 1.5),
    );
  });

  it("keeps integers whole", () => {
    const a = new Value("constant", "int64", [2], { tensor: tensor([2], [7, -7], "int64") });
    const b = new Value("constant", "int64", [], { tensor: tensor([], [2], "int64") });
    const graph = graphOf([node("Div", [a, b], [2], { dtype: "int64" })]);
    expect(evaluate(graph, {}).y.data).toEqual(Float64Array.of(3, -3));
  });

  it("gives any values, running only what they need", () => {
    const broken = node("Nonsense", [x], ["N", 2]);
    const graph = graphOf([broken, product, total]);
    const found = evaluateValues(graph, fed, [product.outputs[0], weight, x]);
    expect(found.map((value) => Array.from(value.data))).toEqual([
      [10, 200],
      [10, 100],
      [1, 2],
    ]);
    const doubled = node("Add", [weight, weight], [2]);
    expect(evaluateValues(graphOf([doubled, total]), {}, [doubled.outputs[0]])[0].data).toEqual(
      Float64Array.of(20, 200),
    );
  });

  it("says what is missing", () => {
    expect(() => evaluate(graphOf([product]), {})).toThrow('expected a tensor for "x", found none');
    expect(() => evaluate(graphOf([product]), { X: fed.x })).toThrow('did you mean "x"?');
    expect(() => evaluate(graphOf([node("Mull", [x], ["N", 2])]), fed)).toThrow(
      'Mull in head: the operator has no reference function (did you mean "Mul"?)',
    );
    expect(() => evaluateValues(graphOf([product]), fed, total.outputs.slice())).toThrow('"head:Add"');
  });

  it("checks shapes against those of the graph", () => {
    expect(() => evaluate(graphOf([product]), { x: refTensor([2], [1, 2]) })).toThrow(
      'input "x" should be [N, 2], is [2]',
    );
    expect(() => evaluate(graphOf([node("Mul", [x, weight], ["N", 3])]), fed)).toThrow(
      "output 0 of Mul in head should be [N, 3], is [1, 2]",
    );
  });

  it("refuses a node with more outputs than its operator gives", () => {
    const single = node("Relu", [x], ["N", 2]);
    const twice = { ...single, outputs: [...single.outputs, new Value("computed", "float32", ["N", 2])] };
    expect(() => evaluate(graphOf([twice]), fed)).toThrow("expected 2 outputs, found 1");
  });
});

describe("toRef", () => {
  it("widens any dtype but float16", () => {
    expect(toRef(tensor([2], [1, -2], "int64"))).toEqual(refTensor([2], [1, -2]));
    expect(toRef(tensor([2], [0, 1], "bool"))).toEqual(refTensor([2], [0, 1]));
    expect(toRef(tensor([], [0.5]))).toEqual(refTensor([], [0.5]));
    expect(() => toRef(tensor([1], [1], "float16"))).toThrow("float16");
  });
});
