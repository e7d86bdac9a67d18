import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { GraphBuilder } from "../ir/builder.ts";
import type { Graph } from "../ir/graph.ts";
import { lazyTensor, tensor } from "../ir/tensor.ts";
import { newGraph, operatorTable } from "../ops/new-graph.ts";
import { writeOnnx, writeOnnxChunks } from "./write-onnx.ts";

/** Parameters, a state, constants, a fed parameter, repeated scopes, and values given out in every way. */
function sample(): Graph {
  const b = newGraph("sample");
  const x = b.input("x", "float32", ["N", 1, 2, 2]);
  const weight = b.scope("conv1", () => b.parameter("weight", tensor([1, 1, 1, 1], [2])));
  const fed = b.parameter("alpha", tensor([1], [3]));
  b.feed([fed]);
  const y = b.scope("conv1", () => b.op("Conv", [x, weight], { kernel_shape: [1, 1] }));
  const z = b.scope("conv1", () => b.op("Conv", [y, weight], { kernel_shape: [1, 1] }));
  const flat = b.op("Reshape", [b.op("Mul", [z, fed]), b.constant([-1, 4])]);
  b.output("y", flat);
  b.output("again", flat);
  b.output("x_out", x);
  b.output("conv1.weight", weight);
  return b.build();
}

function parse(graph: Graph, options = {}) {
  const model = fromBinary(ModelProtoSchema, writeOnnx(graph, options));
  if (!model.graph) throw new Error("no graph");
  return { model, graph: model.graph };
}

test("nodes are named after their scope, computed values after their node or output", () => {
  const { graph } = parse(sample());
  expect(graph.node.map(({ name, opType, input, output }) => [name, opType, input, output])).toEqual([
    ["conv1/Conv", "Conv", ["x", "conv1.weight"], ["conv1/Conv"]],
    ["conv1/Conv_2", "Conv", ["conv1/Conv", "conv1.weight"], ["conv1/Conv_2"]],
    ["Mul", "Mul", ["conv1/Conv_2", "alpha"], ["Mul"]],
    ["Reshape", "Reshape", ["Mul", "constant_1"], ["y"]],
    ["output(again)", "Identity", ["y"], ["again"]],
    ["output(x_out)", "Identity", ["x"], ["x_out"]],
  ]);
  expect(graph.output.map(({ name }) => name)).toEqual(["y", "again", "x_out", "conv1.weight"]);
});

test("what is fed is an input with its symbols, what is stored an initializer with its role", () => {
  const { graph, model } = parse(sample());
  expect(graph.input.map(({ name }) => name)).toEqual(["x", "alpha"]);
  const type = graph.input[0].type?.value;
  const dims = type?.case === "tensorType" ? type.value.shape?.dim.map(({ value }) => value.value) : [];
  expect(dims).toEqual(["N", 1n, 2n, 2n]);
  expect(graph.initializer.map(({ name, docString, dims }) => [name, docString, dims])).toEqual([
    ["conv1.weight", "parameter", [1n, 1n, 1n, 1n]],
    ["constant_1", "constant", [2n]],
  ]);
  expect(Array.from(graph.initializer[1].rawData.slice(0, 9))).toEqual([
    255, 255, 255, 255, 255, 255, 255, 255, 4,
  ]);
  expect([model.irVersion, model.opsetImport.map((o) => [o.domain, o.version])]).toEqual([8n, [["", 18n]]]);
});

test("the Microsoft domain is imported only when used; trailing empty inputs are dropped, middle ones kept", () => {
  const b = newGraph("g");
  const x = b.input("x", "float32", [2, 2]);
  b.output("y", b.op("FusedMatMul", [x, x]));
  b.output("z", b.op("Clip", [x, null, b.constant(6)]));
  b.output("v", b.op("Clip", [x, null, null]));
  b.note("classes", "cat,dog");
  const { graph, model } = parse(b.build(), { opset: 21, producer: "me" });
  expect(model.opsetImport.map((o) => [o.domain, o.version])).toEqual([
    ["", 21n],
    ["com.microsoft", 1n],
  ]);
  expect([model.irVersion, model.producerName]).toEqual([10n, "me"]);
  expect(graph.node.map(({ input }) => input)).toEqual([["x", "x"], ["x", "", "constant_1"], ["x"]]);
  expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([["classes", "cat,dog"]]);
});

test("what cannot be written is refused with a reason", () => {
  const encode = (build: (b: GraphBuilder) => void, options = {}) => {
    const b = newGraph("g");
    build(b);
    return () => writeOnnx(b.build(), options);
  };
  const x = (b: GraphBuilder) => b.input("x", "float32", [2]);
  expect(encode((b) => b.op("Add", [x(b), x(b)]))).toThrow('Graph g: two values are named "x"; rename one.');
  expect(encode((b) => b.scope("act", () => b.op("ReluGrad", Array(2).fill(x(b)))))).toThrow(
    "Graph g: node ReluGrad in act is a composite that no ONNX engine knows; lower the graph first.",
  );
  const renamed = (op: string) => {
    const b = newGraph("g");
    b.output("y", b.op("Relu", [x(b)]));
    const graph = b.build();
    return () => writeOnnx({ ...graph, nodes: [{ ...graph.nodes[0], op }] });
  };
  expect(renamed("Relus")).toThrow(
    'Graph g: node Relus: the operator is not known (did you mean "Relu"?); replace it by operators of the table.',
  );
  expect(renamed("toString")).toThrow(
    "Graph g: node toString: the operator is not known; replace it by operators of the table.",
  );
  expect(encode((b) => b.output("x", b.op("Relu", [x(b)])))).toThrow(
    'Graph g: "x" is the name of a stored or fed value and of an output (graph:Relu); rename one.',
  );
  expect(encode((b) => x(b), { opset: 12 })).toThrow(
    "ONNX opset: expected 18 to 22, found 12; choose one of these.",
  );
});

test("the pieces of a file are the file, and a weight is made when its piece is due", () => {
  const b = newGraph("lazy");
  const made: string[] = [];
  const weight = (name: string) =>
    b.parameter(
      name,
      lazyTensor([2], () => {
        made.push(name);
        return Float32Array.of(1, 2);
      }),
    );
  b.output("y", b.op("Add", [weight("v"), weight("w")]));
  const { byteLength, chunks } = writeOnnxChunks(b.build());
  const pieces: [Uint8Array, string][] = [];
  for (const chunk of chunks) pieces.push([chunk, made.join()]);
  expect(pieces.map(([, made]) => made)).toEqual(["", "", "v", "v", "v,w"]);
  const file = Buffer.concat(pieces.map(([chunk]) => chunk));
  expect(file).toEqual(Buffer.from(writeOnnx(b.build())));
  expect(byteLength).toBe(file.length);
});

test("a graph of more than 2 GB is refused before anything is allocated", () => {
  const b = new GraphBuilder(operatorTable, "huge");
  const weight = b.parameter(
    "w",
    lazyTensor([750_000_000], () => expect.unreachable("made")),
  );
  b.output("y", b.op("Relu", [weight]));
  expect(() => writeOnnxChunks(b.build())).toThrow(
    "Graph huge: an ONNX file holds at most 2147483647 bytes (protobuf's limit), this one needs 3000000000; store fewer or smaller weights (float16, or fed as inputs).",
  );
});

test("a weight of another size than its shape is refused", () => {
  const b = newGraph("g");
  b.output(
    "y",
    b.op("Relu", [
      b.parameter(
        "w",
        lazyTensor([3], () => new Float32Array(2)),
      ),
    ]),
  );
  expect(() => writeOnnx(b.build())).toThrow(
    'Tensor "w" of shape [3]: expected 12 bytes, found 8; give it as many elements as the shape holds.',
  );
});
