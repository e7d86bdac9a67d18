import { describe, expect, it } from "vitest";
import { evaluate, evaluateValues } from "../../../test/support/evaluate.ts";
import { smallNet } from "../../../test/support/small-net.ts";
import { normal, randomStream } from "../../base/random.ts";
import { type Graph, knownShape, parametersOf, type Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { usesOf } from "../../ir/uses.ts";
import { createModel } from "../../models/create-model.ts";
import { readOnnx } from "../../onnx/read-onnx.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { bindDims } from "../graph/bind-dims.ts";
import { foldBatchNorm } from "../inference/fold-batch-norm.ts";
import { matchSE } from "../se/match-se.ts";
import { encodingOf, insertQuantization } from "./insert-quantization.ts";
import { integerForm } from "./integer-form.ts";
import { planQuantization, type Range, valuesToObserve } from "./quantization-plan.ts";

const images = tensor([2, 2, 8, 8], floats(2 * 2 * 8 * 8));

function floats(count: number): number[] {
  const random = randomStream(7);
  return Array.from({ length: count }, () => normal(random));
}

function quantized(graph: Graph, keepFloat = new Set<Graph["nodes"][number]>()) {
  const all = valuesToObserve(planQuantization(graph));
  const seen = evaluateValues(graph, { images: toRef(images) }, all);
  const ranges = new Map<Value, Range>(
    all.map((value, i) => [value, { min: Math.min(...seen[i].data), max: Math.max(...seen[i].data) }]),
  );
  const plan = planQuantization(graph, keepFloat);
  return { plan, ...insertQuantization(graph, plan, ranges) };
}

const small = () => {
  const b = newGraph("se");
  const x = b.input("images", "float32", [2, 2, 8, 8]);
  const weight = (name: string, shape: number[]) =>
    b.parameter(
      name,
      tensor(
        shape,
        floats(shape.reduce((a, c) => a * c)).map((v) => v / 4),
      ),
    );
  const conv = (value: Value, name: string, out: number, side: number) => {
    const attrs = { kernel_shape: [side, side], pads: new Array(4).fill((side - 1) / 2) };
    const [, channels] = knownShape(value);
    return b.op(
      "Conv",
      [value, weight(`${name}.weight`, [out, channels, side, side]), weight(`${name}.bias`, [out])],
      attrs,
    );
  };
  const stem = b.op("Relu", [conv(x, "stem", 8, 3)]);
  const map = conv(stem, "conv", 8, 3);
  const hidden = b.op("Relu", [conv(b.op("GlobalAveragePool", [map]), "fc1", 2, 1)]);
  const gate = b.op("Sigmoid", [conv(hidden, "fc2", 8, 1)]);
  const sum = b.op("Relu", [b.op("Add", [b.op("Mul", [map, gate]), stem])]);
  const features = b.op("Flatten", [
    b.op("GlobalAveragePool", [b.op("MaxPool", [sum], { kernel_shape: [2, 2], strides: [2, 2] })]),
  ]);
  b.output(
    "logits",
    b.op("Gemm", [features, weight("head.weight", [3, 8]), weight("head.bias", [3])], { transB: 1 }),
  );
  return b.build();
};

describe("insertQuantization", () => {
  it("makes integers of everything in an SE block, and drops the ReLUs", async () => {
    const graph = small();
    const { graph: found, plan } = quantized(graph);
    verify(found);
    expect(plan.float.size).toBe(0);
    expect(found.nodes.filter(({ op }) => op === "Relu")).toEqual([]);
    expect(matchSE(found)).toHaveLength(1);
    const [before, after] = [await executeGraph(graph, { images }), await executeGraph(found, { images })];
    const largest = Math.max(...(before.logits.data as Float32Array).map(Math.abs));
    const errors = (after.logits.data as Float32Array).map((v, i) =>
      Math.abs(v - Number(before.logits.data[i])),
    );
    expect(Math.max(...errors) / largest).toBeLessThan(0.03);
    expect(Math.max(...errors)).toBeGreaterThan(0);
  });

  it("means the same to an engine that knows no integers", () => {
    const { graph } = quantized(small());
    const [before, after] = [small(), graph].map(
      (one) => evaluate(one, { images: toRef(images) }).logits.data,
    );
    for (const [i, value] of after.entries()) expect(Math.abs(value - before[i])).toBeLessThan(0.03);
  });

  it("leaves the last product's output float, and stores no two forms of one value", () => {
    const { graph } = quantized(small());
    const [{ value }] = graph.outputs;
    expect(value.producer?.op).toBe("Gemm");
    const quantizes = graph.nodes.filter(({ op }) => op === "QuantizeLinear");
    expect(new Set(quantizes.map(({ inputs }) => inputs[0])).size).toBe(quantizes.length);
  });

  it("is read back from a file as it was written: int8 parameters under their names", () => {
    const { graph } = quantized(small());
    const back = readOnnx(writeOnnx(graph));
    verify(back);
    const parameters = (one: Graph) =>
      one.nodes.flatMap(({ op, inputs: [x] }) =>
        op === "DequantizeLinear" && x?.role === "parameter" ? [`${x.name} ${x.dtype}`] : [],
      );
    expect(parameters(back)).toEqual(parameters(graph));
    expect(parameters(back)).toContain("stem.weight int8");
    expect(parameters(back)).toContain("stem.bias int32");
  });

  it("keeps the nodes float that it is told to", () => {
    const graph = small();
    const [stem] = graph.nodes;
    const { graph: found, plan } = quantized(graph, new Set([stem]));
    verify(found);
    expect(plan.float.get(stem)).toBe("kept float as asked");
    expect(found.nodes.find(({ op }) => op === "Conv")?.inputs[1]?.dtype).toBe("float32");
    expect(found.nodes.find(({ op }) => op === "Conv")?.inputs[1]?.tensor).toBeDefined();
  });

  it("leaves a weight its name where a layer that stays float shares it", () => {
    const b = newGraph("shared");
    const x = b.input("images", "float32", [2, 2, 8, 8]);
    const weight = b.parameter("weight", tensor([2, 2, 1, 1], floats(4)));
    const conv = (value: Value) => b.op("Conv", [value, weight], { kernel_shape: [1, 1] });
    b.output("logits", conv(conv(x)));
    const graph = b.build();
    const { graph: found } = quantized(graph, new Set([graph.nodes[1]]));
    const back = readOnnx(writeOnnx(found));
    expect(parametersOf(back).map(({ name, dtype }) => `${name} ${dtype}`)).toEqual(["weight float32"]);
  });

  it("says why others stay float", () => {
    const graph = foldBatchNorm(bindDims(smallNet({ ratio: 0 }), { N: 2 })).graph;
    const reasons = [...planQuantization(graph).float].map(([{ op }, why]) => `${op}: ${why}`);
    expect(reasons).toContain("HardSigmoid: ONNX Runtime has no integer form of it");
  });

  it("finds every node of SE-ResNet-50 an integer form", () => {
    const { graph } = foldBatchNorm(createModel("seresnet50"));
    expect([...planQuantization(graph).float.values()]).toEqual([]);
  });
});

describe("encodingOf", () => {
  it.each([
    [
      { min: 0, max: 255 },
      { scale: 1, zeroPoint: 0 },
    ],
    [
      { min: -127.5, max: 127.5 },
      { scale: 1, zeroPoint: 128 },
    ],
    [
      { min: 3, max: 510 },
      { scale: 2, zeroPoint: 0 },
    ],
    [
      { min: -255, max: -9 },
      { scale: 1, zeroPoint: 255 },
    ],
    [
      { min: 0, max: 0 },
      { scale: 1, zeroPoint: 0 },
    ],
  ])("of %j", (range, encoding) => {
    expect(encodingOf(range)).toEqual(encoding);
  });
});

it("leaves a clip float whose ceiling is fed at every run", () => {
  const b = newGraph("clip");
  const [floor, ceiling] = [b.constant(tensor([], [0])), b.constant(tensor([], [6]))];
  b.output("y", b.op("Clip", [b.op("Relu", [b.input("x", "float32", [1, 2, 4, 4])]), floor, ceiling]));
  const graph = b.build();
  const clip = graph.nodes[1];
  expect(integerForm(clip, usesOf(graph))).toEqual({ kind: "clamp" });
  const fed = usesOf({ ...graph, inputs: [...graph.inputs, ceiling] });
  expect(integerForm(clip, fed)).toBe("ONNX Runtime has no integer form of it");
});

it("leaves a layer float whose weight is fed at every run", () => {
  const graph = smallNet({ batch: 2 });
  const [weight] = parametersOf(graph);
  const [conv] = graph.nodes;
  const { integer, float } = planQuantization({ ...graph, inputs: [...graph.inputs, weight] });
  expect(planQuantization(graph).integer.has(conv)).toBe(true);
  expect(integer.has(conv)).toBe(false);
  expect(float.get(conv)).toBe("its weights are computed or fed");
});
