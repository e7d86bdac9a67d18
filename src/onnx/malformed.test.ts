import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  AttributeProto_AttributeType as Kind,
  TensorProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { oldModel } from "../../test/support/old-model.ts";
import { oldNetworks } from "../../test/support/old-networks.ts";
import { type Edit, foreign, network, node } from "../../test/support/onnx-fixtures.ts";
import { SenetError } from "../base/errors.ts";
import { verify } from "../ops/verify.ts";
import { readOnnx } from "./read-onnx.ts";
import { writeOnnx } from "./write-onnx.ts";

const malformedFiles: [string, Edit, string][] = [
  [
    "no graph",
    (_, model) => {
      delete model.graph;
    },
    "it holds no graph; export it again",
  ],
  [
    "no opset",
    (_, model) => {
      model.opsetImport = [];
    },
    "it does not say which version of the ONNX operators it uses; export it again",
  ],
  [
    "old opset",
    (_, model) => {
      model.opsetImport[0].version = 6n;
    },
    "expected opset 7 to 26, found 6; convert it with onnx.version_converter",
  ],
  [
    "future opset",
    (_, model) => {
      model.opsetImport[0].version = 27n;
    },
    "expected opset 7 to 26, found 27; convert it with onnx.version_converter",
  ],
  [
    "unknown operator",
    (g) => {
      node(g, "Conv").opType = "Convv";
    },
    'node "conv1/Conv" (Convv): operator Convv of domain "ai.onnx" is not supported (did you mean "Conv"?)',
  ],
  [
    "a name every object has",
    (g) => {
      node(g, "Conv").opType = "constructor";
    },
    'node "conv1/Conv" (constructor): operator constructor of domain "ai.onnx" is not supported',
  ],
  [
    "nothing given out",
    (g) => {
      g.output = [];
    },
    "it gives nothing out; export it again",
  ],
  [
    "unknown domain",
    (g) => {
      node(g, "Conv").domain = "acme";
    },
    'node "conv1/Conv" (Conv): operator Conv of domain "acme" is not supported',
  ],
  [
    "made for one machine",
    (g) => {
      node(g, "Conv").domain = "com.microsoft.nchwc";
    },
    'node "conv1/Conv" (Conv): computes in the layout of ONNX Runtime on one machine, which can only be run; take the network that this file was made from',
  ],
  [
    "unknown attribute",
    (g) => {
      node(g, "Conv").attribute[0].name = "stride";
    },
    'node "conv1/Conv" (Conv): attribute "stride" = 3,3 is not supported (did you mean "strides"?)',
  ],
  [
    "attribute kind",
    (g) => {
      node(g, "Conv").attribute[0].type = Kind.FLOAT;
    },
    'node "conv1/Conv" (Conv): attribute "kernel_shape" should be of kind INTS, found FLOAT',
  ],
  [
    "subgraph",
    (g) => {
      node(g, "Conv").attribute.push(create(AttributeProtoSchema, { name: "body", type: Kind.GRAPH }));
    },
    'node "conv1/Conv" (Conv): attribute "body" is not supported',
  ],
  [
    "training mode",
    (g) => {
      for (const a of node(g, "BatchNormalization").attribute) if (a.name === "training_mode") a.i = 1n;
    },
    'node "bn1/BatchNormalization" (BatchNormalization) is in training mode; export the model in evaluation mode',
  ],
  [
    "missing value",
    (g) => {
      node(g, "Conv").input[0] = "nowhere";
    },
    'node "conv1/Conv" (Conv) reads "nowhere", which nothing before it computes or stores',
  ],
  [
    "a cycle",
    (g) => {
      node(g, "Conv").input[0] = node(g, "Mul").output[0];
    },
    'node "conv1/Conv" (Conv) reads "Mul", which nothing before it computes or stores',
  ],
  [
    "a name that steers a terminal",
    (g) => {
      node(g, "Conv").input[0] = "\u001b[2J\nok\u009b";
    },
    'node "conv1/Conv" (Conv) reads "\\u001b[2J\\nok\\u009b", which nothing before it computes or stores',
  ],
  [
    "wrong order",
    (g) => {
      g.node.reverse();
    },
    'node "output(copy)" (Identity) reads "logits", which nothing before it computes or stores',
  ],
  [
    "twice",
    (g) => {
      g.node.push(node(g, "Conv"));
    },
    'node "conv1/Conv" (Conv) computes "conv1/Conv", which exists already',
  ],
  [
    "missing output",
    (g) => {
      g.output[0].name = "probabilities";
    },
    'output "probabilities" is never computed',
  ],
  [
    "outputs alike",
    (g) => {
      g.output[1].name = "logits";
    },
    "two outputs have the same name",
  ],
  [
    "shapes",
    (g) => {
      g.initializer[0].dims = [3n, 3n, 3n, 2n];
    },
    'node "conv1/Conv" (Conv): Conv in conv1: channels / group must equal the weight\'s inputs, found 2 and 3; correct one',
  ],
  [
    "too many inputs",
    (g) => {
      node(g, "Conv").input.push("x", "x");
    },
    'node "conv1/Conv" (Conv): expected at most 3 inputs, found 4',
  ],
  [
    "no input type",
    (g) => {
      delete g.input[0].type;
    },
    'input "x": expected a tensor, found no type',
  ],
  [
    "no input shape",
    (g) => {
      const t = g.input[0].type?.value;
      if (t?.case === "tensorType") delete t.value.shape;
    },
    'input "x" declares no shape; export it with one',
  ],
  [
    "dtype",
    (g) => {
      g.initializer[0].dataType = 8;
    },
    'tensor "conv1.weight": element type STRING is not supported; expected one of float32, uint8, int8, int32, int64, bool, float16, float64',
  ],
  [
    "short data",
    (g) => {
      g.initializer[0].rawData = g.initializer[0].rawData.slice(0, 215);
    },
    'tensor "conv1.weight" is float32 [3, 2, 3, 3]: expected 216 bytes, found 215',
  ],
  [
    "no data",
    (g) => {
      g.initializer[0].rawData = new Uint8Array();
    },
    'tensor "conv1.weight" is float32 [3, 2, 3, 3]: expected 54 elements, found 0',
  ],
  [
    "huge shape",
    (g) => {
      g.initializer[0].dims = [2147483647n, 2147483647n];
    },
    'tensor "conv1.weight" is float32 [2147483647, 2147483647]: expected 18446744056529682000 bytes, found 216',
  ],
  [
    "negative dimension",
    (g) => {
      g.initializer[0].dims[0] = -3n;
    },
    'tensor "conv1.weight": expected dimensions from 0 to 2147483647, found -3',
  ],
  [
    "external data",
    (g) => {
      g.initializer[0].dataLocation = 1;
    },
    'tensor "conv1.weight" is stored outside the file, which does not say where',
  ],
  [
    "stored twice",
    (g) => {
      g.initializer.push(g.initializer[0]);
    },
    'two stored tensors are named "conv1.weight"',
  ],
  [
    "no tensor name",
    (g) => {
      g.initializer.push(create(TensorProtoSchema));
    },
    "a stored tensor has no name",
  ],
  [
    "functions",
    (_, model) => {
      model.functions = [create(FunctionProtoSchema, { name: "Gate" })];
    },
    "it defines functions (Gate), which are not supported; inline them with onnx.inliner",
  ],
];

/** What to do, where a message does not say it itself. */
function advised(message: string): string {
  return message.includes("; ") ? message : `${message}; correct the model, or export it in another way`;
}

describe("malformed files", () => {
  test.each(malformedFiles)("%s", (_, edit, message) => {
    let error: unknown;
    try {
      readOnnx(foreign(edit));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(SenetError);
    expect(error).toMatchObject({ code: "file", message: `ONNX file: ${advised(message)}.` });
  });

  test("bytes that are no model", () => {
    const decode = (bytes: Uint8Array) => () => readOnnx(bytes);
    expect(decode(new Uint8Array())).toThrow(
      "ONNX file: expected an ONNX model, found something else; check the path.",
    );
    expect(decode(new TextEncoder().encode("<!doctype html>"))).toThrow(
      "ONNX file: expected an ONNX model, found 15 bytes that are none or only a part of one; check the path and download it again.",
    );
  });

  test("a file cut or damaged anywhere is refused or read, and never fails in another way", () => {
    const files = [writeOnnx(network()), ...oldNetworks.map(oldModel)];
    for (const bytes of files)
      for (let length = 0; length < bytes.length; length += 7) read(bytes.slice(0, length));
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (which, edits) => {
          read(damaged(files[which], edits));
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

/** What a reader may do with a file: read it, or throw a SenetError. */
function read(bytes: Uint8Array): void {
  try {
    verify(readOnnx(bytes));
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
  }
}

/** A byte changed, added or taken away, at a place given as a share of the file. */
const edit = fc.record({
  kind: fc.constantFrom("set" as const, "set" as const, "insert" as const, "remove" as const),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)),
});

function damaged(
  bytes: Uint8Array,
  edits: readonly { kind: string; place: number; byte: number }[],
): Uint8Array {
  let content = Array.from(bytes);
  for (const { kind, place, byte } of edits) {
    const position = Math.min(content.length - 1, Math.floor(place * content.length));
    if (kind === "set") content = content.with(position, byte);
    else
      content = content.toSpliced(position, kind === "remove" ? 1 : 0, ...(kind === "insert" ? [byte] : []));
  }
  return Uint8Array.from(content);
}
