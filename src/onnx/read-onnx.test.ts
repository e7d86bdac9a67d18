import { create, fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { oldModel } from "../../test/support/old-model.ts";
import { foreign, network, node } from "../../test/support/onnx-fixtures.ts";
import { smallNet } from "../../test/support/small-net.ts";
import { type DType, dtypes } from "../ir/dtype.ts";
import { type Graph, storedValues } from "../ir/graph.ts";
import { print } from "../ir/print.ts";
import { tensor } from "../ir/tensor.ts";
import { newGraph } from "../ops/new-graph.ts";
import { verify } from "../ops/verify.ts";
import { shortestFloat } from "./decode-attributes.ts";
import { readOnnx } from "./read-onnx.ts";
import { writeOnnx } from "./write-onnx.ts";

test("a file comes back as the same graph, with the same bits and roles", () => {
  const graph = network();
  const bytes = writeOnnx(graph);
  const back = readOnnx(bytes);
  verify(back);
  expect(print(back)).toBe(print(graph));
  expect(back.metadata).toEqual(graph.metadata);
  const content = (g: Graph) => storedValues(g).map(({ role, name, tensor }) => ({ role, name, tensor }));
  expect(content(back)).toEqual(content(graph));
  expect(writeOnnx(back)).toEqual(bytes);
});

test("every dtype survives, also from data that is not aligned", () => {
  const bits = Uint8Array.from({ length: 24 }, (_, i) => (i * 37) % 120);
  for (const dtype of Object.keys(dtypes) as DType[]) {
    const { array, bytes } = dtypes[dtype];
    const b = newGraph("g");
    const stored = b.state("s", tensor([24 / bytes], new array(bits.slice().buffer), dtype));
    b.output("y", stored);
    const file = writeOnnx(b.build());
    for (const shift of [0, 1, 2, 3]) {
      const shifted = new Uint8Array(file.length + shift).subarray(shift);
      shifted.set(file);
      expect(readOnnx(shifted).outputs[0].value.tensor).toEqual(stored.tensor);
    }
  }
});

test("Shake-Shake is a mean to others, and comes back as itself", () => {
  const bytes = writeOnnx(smallNet());
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  expect(graph?.node.filter(({ name }) => name.startsWith("shake")).map(({ opType }) => opType)).toEqual([
    "Mean",
  ]);
  expect(readOnnx(bytes).nodes.map(({ op }) => op)).toEqual(smallNet().nodes.map(({ op }) => op));
  const renamed = foreign((proto) => {
    node(proto, "Conv").opType = "ShakeMean";
  });
  expect(() => readOnnx(renamed)).toThrow('operator ShakeMean of domain "ai.onnx" is not supported');
});

test("float attributes come back as the decimal they were written as", () => {
  expect(shortestFloat(Math.fround(1e-5))).toBe(1e-5);
  expect(shortestFloat(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => Math.fround(shortestFloat(value)) === value));
});

describe("files of other programs", () => {
  const roles = (graph: Graph) => Object.fromEntries(storedValues(graph).map((v) => [v.name ?? "?", v.role]));

  test("roles are recovered by use", () => {
    expect(roles(readOnnx(foreign(() => {})))).toEqual({
      "conv1.weight": "parameter",
      "bn1.weight": "parameter",
      "bn1.bias": "parameter",
      "bn1.running_mean": "state",
      "bn1.running_var": "state",
      "fc.weight": "parameter",
      "?": "constant", // gain (nothing tells a scale from a constant), axes, 6
    });
  });

  test("also of weights in other forms, slopes and biases of convolutions", () => {
    const of = (...shape: number[]) =>
      tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5));
    const graph = readOnnx(
      oldModel({
        opset: 17,
        x: ["N", 3, 4, 4],
        nodes: [
          { op: "Conv", inputs: ["x", "conv.weight"], outputs: ["c"] },
          { op: "Reshape", inputs: ["conv.bias", "form"], outputs: ["bias"] },
          { op: "Add", inputs: ["c", "bias"], outputs: ["d"] },
          { op: "Add", inputs: ["d", "three"], outputs: ["e"] },
          { op: "PRelu", inputs: ["e", "act.weight"], outputs: ["f"] },
          { op: "GlobalMaxPool", inputs: ["f"], outputs: ["g"] },
          { op: "Flatten", inputs: ["g"], outputs: ["h"] },
          { op: "Transpose", inputs: ["fc.weight"], attrs: { perm: [1, 0] }, outputs: ["w"] },
          { op: "MatMul", inputs: ["h", "w"], outputs: ["i"] },
          { op: "LayerNormalization", inputs: ["i", "norm.weight", "norm.bias"] },
        ],
        stored: {
          "conv.weight": of(5, 3, 1, 1),
          "conv.bias": of(5),
          form: tensor([4], [1, 5, 1, 1], "int64"),
          three: of(),
          "act.weight": of(5, 1, 1),
          "fc.weight": of(7, 5),
          "norm.weight": of(7),
          "norm.bias": of(7),
        },
      }),
    );
    expect(roles(graph)).toEqual({
      "conv.weight": "parameter",
      "conv.bias": "parameter",
      "act.weight": "parameter",
      "fc.weight": "parameter",
      "norm.weight": "parameter",
      "norm.bias": "parameter",
      "?": "constant",
    });
  });

  test("axes as attributes (opset 13) become an input", () => {
    const bytes = foreign((graph, model) => {
      model.opsetImport[0].version = 13n;
      const reduce = node(graph, "ReduceMean");
      reduce.input.pop();
      reduce.attribute.push(create(AttributeProtoSchema, { name: "axes", type: Kind.INTS, ints: [2n, 3n] }));
    });
    expect(print(readOnnx(bytes))).toBe(print(readOnnx(foreign(() => {}))));
  });

  test("Constant nodes and Identity nodes of weights are stored tensors; harmless attributes are dropped", () => {
    const bytes = foreign((graph) => {
      const axes = graph.initializer.filter(({ dims }) => dims.length === 1 && dims[0] === 2n);
      const reduce = node(graph, "ReduceMean");
      const attribute = create(AttributeProtoSchema, { name: "value", type: Kind.TENSOR, t: axes[0] });
      graph.initializer = graph.initializer.filter((stored) => stored !== axes[0]);
      graph.node.unshift(
        create(NodeProtoSchema, { opType: "Constant", output: [reduce.input[1]], attribute: [attribute] }),
        create(NodeProtoSchema, { opType: "Identity", input: ["fc.weight"], output: ["shared"] }),
      );
      node(graph, "Gemm").input[1] = "shared";
      node(graph, "Conv").attribute = [
        create(AttributeProtoSchema, { name: "pads", type: Kind.INTS, ints: [1n, 1n, 1n, 1n] }),
        create(AttributeProtoSchema, {
          name: "auto_pad",
          type: Kind.STRING,
          s: new TextEncoder().encode("NOTSET"),
        }),
      ];
    });
    expect(print(readOnnx(bytes))).toBe(print(readOnnx(foreign(() => {}))));
  });

  test("elements in typed lists are read as well as raw bytes", () => {
    const bytes = foreign((graph) => {
      for (const stored of graph.initializer) {
        const { buffer } = stored.rawData.slice();
        stored.rawData = new Uint8Array();
        if (stored.dataType === 1) stored.floatData = Array.from(new Float32Array(buffer));
        else stored.int64Data = Array.from(new BigInt64Array(buffer));
      }
    });
    const read = readOnnx(bytes);
    const tensors = (graph: Graph) => storedValues(graph).map((value) => value.tensor);
    expect(tensors(read)).toEqual(tensors(network()));
  });
});
