import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { SenetError } from "../errors.ts";
import { dtypes } from "../ir/dtype.ts";
import type { Role } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";

/** A tensor to be stored. Its role is written as its doc string, so that reading it back need not guess. */
export interface StoredTensor {
  readonly name: string;
  readonly role: Role;
  readonly tensor: Tensor;
}

/** Protobuf's limit for one message, and therefore for an `.onnx` file that holds its own weights. */
const maxMessageBytes = 2 ** 31 - 1;

const modelGraph = ModelProtoSchema.field.graph.number;
const graphInitializer = GraphProtoSchema.field.initializer.number;
const tensorRawData = TensorProtoSchema.field.rawData.number;

/**
 * A whole file from an encoded model without graph, an encoded graph without initializers, and tensors.
 * Protobuf fields may come in any order, so messages are joined by appending; done by hand because the
 * library would copy every weight once a nesting level, in a buffer that doubles as it grows.
 *
 * @throws SenetError `file` when the result would exceed 2 GB.
 */
export function joinModel(
  graphName: string,
  model: Uint8Array,
  graph: Uint8Array,
  tensors: readonly StoredTensor[],
): Uint8Array {
  const weights = tensors.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  // Checked before lengths are encoded, which could not hold more than 4 GB.
  checkSize(weights, graphName);
  const graphChunks = [graph, ...tensors.flatMap(tensorChunks)];
  const chunks = [model, ...message(modelGraph, graphChunks)];
  const total = lengthOf(chunks);
  checkSize(total, graphName);
  const file = new Uint8Array(total);
  let position = 0;
  for (const chunk of chunks) {
    file.set(chunk, position);
    position += chunk.length;
  }
  return file;
}

function tensorChunks({ name, role, tensor }: StoredTensor): Uint8Array[] {
  const { dtype, shape, data } = tensor;
  const header = create(TensorProtoSchema, {
    name,
    docString: role,
    dataType: dtypes[dtype].onnx,
    dims: shape.map(BigInt),
  });
  // ONNX stores little-endian, which is what typed arrays hold on every machine that runs JavaScript engines.
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(graphInitializer, [toBinary(TensorProtoSchema, header), ...message(tensorRawData, [raw])]);
}

/** A length-delimited field, its content left in pieces. */
function message(field: number, content: readonly Uint8Array[]): Uint8Array[] {
  const prefix = new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(lengthOf(content)).finish();
  return [prefix, ...content];
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function checkSize(bytes: number, graphName: string): void {
  if (bytes <= maxMessageBytes) return;
  throw new SenetError(
    "file",
    `Graph ${graphName}: an ONNX file holds at most ${maxMessageBytes} bytes (protobuf's limit), this one needs ${bytes}; store fewer or smaller weights (float16, or fed as inputs).`,
  );
}
