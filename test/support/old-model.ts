import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
} from "onnx-buf";
import { dtypes } from "../../src/ir/dtype.ts";
import type { Tensor } from "../../src/ir/tensor.ts";

/** A list of integers, a float, an integer (as bigint) or text. */
export type OldAttribute = readonly (number | bigint)[] | number | bigint | string;

export interface OldNode {
  readonly op: string;
  /** Names; the default is `x` for the first node and the output of the one before for the others. */
  readonly inputs?: readonly string[];
  readonly attrs?: Readonly<Record<string, OldAttribute>>;
  /** Names; default `y`. */
  readonly outputs?: readonly string[];
}

export interface OldModel {
  readonly opset: number;
  readonly nodes: readonly OldNode[];
  /** Dimensions of the input `x`; a string is a symbol. */
  readonly x: readonly (number | string)[];
  readonly stored?: Readonly<Record<string, Tensor>>;
  /** Names of the outputs; default `y`. */
  readonly outputs?: readonly string[];
  /** As before file format 4: what is stored is listed among the inputs too. */
  readonly listStored?: boolean;
}

/** A model as another program, or an older operator set, would have written it. */
export function oldModel({
  opset,
  nodes,
  x,
  stored = {},
  outputs = ["y"],
  listStored = false,
}: OldModel): Uint8Array {
  const names = Object.keys(stored);
  const graph = {
    name: "old",
    node: nodes.map(({ op, inputs = ["x"], attrs = {}, outputs: given = ["y"] }) => ({
      opType: op,
      input: [...inputs],
      output: [...given],
      attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
    })),
    input: [
      declared("x", x),
      ...(listStored ? names.map((name) => declared(name, stored[name].shape, stored[name])) : []),
    ],
    output: outputs.map((name) => ({ name })),
    initializer: names.map((name) => ({
      name,
      dataType: dtypes[stored[name].dtype].onnx,
      dims: stored[name].shape.map(BigInt),
      rawData: new Uint8Array(stored[name].data.buffer.slice(0) as ArrayBuffer),
    })),
  };
  const model = create(ModelProtoSchema, {
    irVersion: listStored ? 3n : 8n,
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

function declared(name: string, shape: readonly (number | string)[], content?: Tensor) {
  const dim = shape.map((size) =>
    typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } },
  );
  const elemType = dtypes[content?.dtype ?? "float32"].onnx;
  return { name, type: { value: { case: "tensorType" as const, value: { elemType, shape: { dim } } } } };
}

function attribute(name: string, value: OldAttribute): AttributeProto {
  const content =
    typeof value === "string"
      ? { type: Kind.STRING, s: new TextEncoder().encode(value) }
      : typeof value === "bigint"
        ? { type: Kind.INT, i: value }
        : typeof value === "number"
          ? { type: Kind.FLOAT, f: value }
          : { type: Kind.INTS, ints: value.map(BigInt) };
  return create(AttributeProtoSchema, { name, ...content });
}
