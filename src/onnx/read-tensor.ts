import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { type DType, dtypes } from "../ir/dtype.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor, TensorData } from "../ir/tensor.ts";
import { type ExternalData, externalBytes } from "./external-data.ts";
import { malformed } from "./malformed.ts";

/** No engine indexes more elements along one dimension. */
const MAX_DIM = 2 ** 31 - 1;

/**
 * A stored tensor; its data is copied, so that the file's bytes can be freed. Nothing is allocated before the
 * data is known to be as long as the shape says.
 *
 * @param what names the tensor in messages.
 * @param externalData finds what is stored outside the file.
 * @throws SenetError `file` on another data type, data outside that is not found, or data that does not fit the shape.
 */
export function readTensor(proto: TensorProto, what: string, externalData?: ExternalData): Tensor {
  const isOutside = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const dtype = readDType(proto.dataType, what);
  const shape = proto.dims.map((dim) => readDim(dim, what));
  const raw = isOutside ? externalBytes(proto, what, externalData) : proto.rawData;
  return { dtype, shape, data: readData(proto, raw, dtype, shape, what) };
}

/** A dimension as a number. */
export function readDim(dim: bigint, what: string): number {
  if (dim < 0n || dim > BigInt(MAX_DIM)) {
    malformed(`${what}: expected dimensions from 0 to ${MAX_DIM}, found ${dim}`);
  }
  return Number(dim);
}

/** An ONNX element type by its number. */
export function readDType(number: number, what: string): DType {
  for (const [name, { onnx }] of Object.entries(dtypes)) {
    if (onnx === number) return name as DType;
  }
  const found = TensorProto_DataType[number] ?? `number ${number}`;
  return malformed(
    `${what}: element type ${found} is not supported; expected one of ${Object.keys(dtypes).join(", ")}`,
  );
}

function readData(
  proto: TensorProto,
  raw: Uint8Array,
  dtype: DType,
  shape: readonly number[],
  what: string,
): TensorData {
  const count = sizeOf(shape);
  const { array, bytes } = dtypes[dtype];
  const text = `[${shape.join(", ")}]`;
  if (raw.length > 0) {
    if (raw.length !== count * bytes) {
      malformed(`${what} is ${dtype} ${text}: expected ${count * bytes} bytes, found ${raw.length}`);
    }
    // Raw data may start at any byte of the file, typed arrays may not.
    const data = new array(count);
    new Uint8Array(data.buffer).set(raw);
    return data;
  }
  const list = elementsOf(proto, dtype);
  if (list.length !== count) {
    malformed(`${what} is ${dtype} ${text}: expected ${count} elements, found ${list.length}`);
  }
  return dtype === "int64" ? BigInt64Array.from(proto.int64Data) : new dtypes[dtype].array(list.map(Number));
}

/** Where ONNX keeps elements that are not stored as bytes; small integers and float16's bits share one list. */
function elementsOf(proto: TensorProto, dtype: DType): readonly (number | bigint)[] {
  if (dtype === "float32") return proto.floatData;
  if (dtype === "float64") return proto.doubleData;
  if (dtype === "int64") return proto.int64Data;
  return proto.int32Data;
}
