import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { SenetError } from "../base/errors.ts";
import { dtypes } from "../ir/dtype.ts";
import type { Role } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";

/** A tensor to be stored. Its role is written as its doc string, so that reading it back need not guess. */
export interface StoredTensor {
  readonly name: string;
  readonly role: Role;
  readonly tensor: Tensor;
}

/** Protobuf's limit for one message, and therefore for an `.onnx` file that holds its own weights. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

const modelGraph = ModelProtoSchema.field.graph.number;
const graphInitializer = GraphProtoSchema.field.initializer.number;
const tensorRawData = TensorProtoSchema.field.rawData.number;

/** A file in pieces, of a length that is known before the weights are. */
export interface FileParts {
  readonly byteLength: number;
  /**
   * The file's bytes in order. May be walked once or again; a weight is read only when its piece is needed, so that one
   * that is created on first access is not created earlier.
   */
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * A whole file from an encoded model without graph, an encoded graph without initializers, and tensors.
 * Protobuf fields may come in any order, so messages are joined by appending. This is done by hand because the
 * library would copy every weight once per nesting level, in a buffer that doubles as it grows.
 *
 * @throws SenetError `file` when the result would exceed 2 GB.
 */
export function joinModel(
  graphName: string,
  model: Uint8Array,
  graph: Uint8Array,
  tensors: readonly StoredTensor[],
): FileParts {
  const weights = tensors.reduce((sum, { tensor }) => sum + bytesOf(tensor), 0);
  // Checked before lengths are encoded, which could not hold more than 4 GB.
  checkSize(weights, graphName);
  const heads = tensors.map(initializerHead);
  const graphBytes = graph.length + lengthOf(heads) + weights;
  const head = join([model, prefix(modelGraph, graphBytes), graph]);
  const byteLength = head.length + graphBytes - graph.length;
  checkSize(byteLength, graphName);
  return {
    byteLength,
    chunks: {
      *[Symbol.iterator]() {
        yield head;
        for (const [i, { name, tensor }] of tensors.entries()) {
          yield heads[i];
          yield rawBytes(name, tensor);
        }
      },
    },
  };
}

/** Pieces as one. */
export function join(chunks: Iterable<Uint8Array>, byteLength = lengthOf([...chunks])): Uint8Array {
  const joined = new Uint8Array(byteLength);
  let position = 0;
  for (const chunk of chunks) {
    joined.set(chunk, position);
    position += chunk.length;
  }
  return joined;
}

/** All of an initializer's message that comes before its elements. */
function initializerHead({ name, role, tensor }: StoredTensor): Uint8Array {
  const header = toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, {
      name,
      docString: role,
      dataType: dtypes[tensor.dtype].onnx,
      dims: tensor.shape.map(BigInt),
    }),
  );
  const raw = prefix(tensorRawData, bytesOf(tensor));
  const length = header.length + raw.length + bytesOf(tensor);
  return join([prefix(graphInitializer, length), header, raw]);
}

/** What comes before a length-delimited field of so many bytes. */
function prefix(field: number, bytes: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(bytes).finish();
}

/** ONNX stores little-endian, which is what typed arrays hold on every machine that runs JavaScript engines. */
function rawBytes(name: string, tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  if (byteLength === bytesOf(tensor)) return new Uint8Array(buffer, byteOffset, byteLength);
  throw new SenetError(
    "shape",
    `Tensor "${name}" of shape [${tensor.shape.join(", ")}]: expected ${bytesOf(tensor)} bytes, found ${byteLength}; give it as many elements as the shape holds.`,
  );
}

/** Bytes of a tensor's elements, by its shape. */
function bytesOf({ dtype, shape }: Tensor): number {
  return sizeOf(shape) * dtypes[dtype].bytes;
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function checkSize(bytes: number, graphName: string): void {
  if (bytes <= MAX_MESSAGE_BYTES) return;
  throw new SenetError(
    "file",
    `Graph ${graphName}: an ONNX file holds at most ${MAX_MESSAGE_BYTES} bytes (protobuf's limit), this one needs ${bytes}; store fewer or smaller weights (float16, or fed as inputs).`,
  );
}
