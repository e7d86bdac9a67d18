import { type DType, dtypes } from "../../ir/dtype.ts";
import type { TensorData } from "../../ir/tensor.ts";

/**
 * Element types that weights files use, by PyTorch's names. Those that this package has too are kept as they are (float16 stays 16 bits,
 * float64 stays 64); each of the others becomes the smallest type here that holds all its values, so nothing is ever rounded by reading. `bytes` are those of
 * an element in the file.
 */
export const storedTypes = {
  float64: { bytes: 8, dtype: "float64" },
  float32: { bytes: 4, dtype: "float32" },
  float16: { bytes: 2, dtype: "float16" },
  bfloat16: { bytes: 2, dtype: "float32" },
  int64: { bytes: 8, dtype: "int64" },
  int32: { bytes: 4, dtype: "int32" },
  int16: { bytes: 2, dtype: "int32" },
  int8: { bytes: 1, dtype: "int8" },
  uint32: { bytes: 4, dtype: "int64" },
  uint16: { bytes: 2, dtype: "int32" },
  uint8: { bytes: 1, dtype: "uint8" },
  bool: { bytes: 1, dtype: "bool" },
} as const satisfies Readonly<Record<string, { bytes: number; dtype: DType }>>;

export type StoredTypeName = keyof typeof storedTypes;

/**
 * Elements as typed data. Types that need no conversion take over the memory of `bytes` where it is aligned.
 *
 * @param bytes a whole number of elements, little-endian
 */
export function decodeElements(type: StoredTypeName, bytes: Uint8Array): TensorData {
  const words = () => own(Uint16Array, bytes);
  switch (type) {
    case "bfloat16":
      return widenBFloat16(words());
    case "uint16":
      return Int32Array.from(words());
    case "int16":
      return Int32Array.from(own(Int16Array, bytes));
    case "uint32":
      return BigInt64Array.from(own(Uint32Array, bytes), BigInt);
    default:
      return own<TensorData>(dtypes[storedTypes[type].dtype].array, bytes);
  }
}

/** Turns big-endian elements into little-endian ones, or back, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let i = 0; i + size <= bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}

/** The upper half of a float32 is a bfloat16. */
function widenBFloat16(words: Uint16Array): Float32Array {
  const bits = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i++) bits[i] = words[i] << 16;
  return new Float32Array(bits.buffer);
}

interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

/** The bytes as an array of that type: the same memory where its address allows. */
function own<T>(type: ArrayType<T>, bytes: Uint8Array): T {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new type(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / type.BYTES_PER_ELEMENT,
  );
}
