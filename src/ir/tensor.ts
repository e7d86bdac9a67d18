import { SenetError } from "../base/errors.ts";
import { type DType, dtypes } from "./dtype.ts";
import { sizeOf } from "./shape.ts";

/** The array that holds a tensor's elements. float16 is kept as its 16 bits. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Uint16Array;

/** A constant or a parameter: dtype, shape (all dimensions known) and elements in row-major order. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/**
 * A tensor from elements, checked against its shape. Plain numbers are stored as `dtype`; int64 saturates, because "until the
 * last" of slices, 2⁶³ − 1, is 2⁶³ as a number.
 *
 * @example tensor([2, 2], [1, 2, 3, 4]) // float32
 * @throws SenetError `shape` when the number of elements is not the product of the dimensions, or an int64 is to hold a number that
 * is not whole.
 */
export function tensor(
  shape: readonly number[],
  data: TensorData | readonly number[],
  dtype: DType = "float32",
): Tensor {
  const elements = Array.isArray(data) ? fromNumbers(data, dtype) : (data as TensorData);
  const expected = sizeOf(shape);
  if (elements.length !== expected) {
    throw new SenetError(
      "shape",
      `Tensor of shape [${shape.join(", ")}]: expected ${expected} elements, found ${elements.length}; pass as many as the shape holds.`,
    );
  }
  return { dtype, shape, data: elements };
}

/**
 * A tensor whose elements are made when first read, so that a network of a hundred million parameters can
 * be built and counted without filling them.
 *
 * @example lazyTensor([2, 3], () => new Float32Array(6).fill(1))
 */
export function lazyTensor(shape: readonly number[], make: () => Float32Array): Tensor {
  let data: Float32Array | undefined;
  return {
    dtype: "float32",
    shape,
    get data() {
      data ??= make();
      return data;
    },
  };
}

/** A float32 tensor of one number throughout, made when first read. */
export function filled(shape: readonly number[], value: number): Tensor {
  return lazyTensor(shape, () => new Float32Array(sizeOf(shape)).fill(value));
}

/**
 * A tensor without dimensions.
 *
 * @example scalar(0.1) // { dtype: "float32", shape: [], data: Float32Array [0.1] }
 */
export function scalar(value: number, dtype: DType = "float32"): Tensor {
  return tensor([], [value], dtype);
}

/**
 * A tensor of zeros, its memory freshly allocated.
 *
 * @throws SenetError `shape` when a dimension is not a whole number from 0.
 * @example zeros([1, 3, 224, 224])
 */
export function zeros(shape: readonly number[], dtype: DType = "float32"): Tensor {
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    throw new SenetError(
      "shape",
      `Tensor of zeros: expected dimensions that are whole numbers from 0, found [${shape.join(", ")}]; correct the shape.`,
    );
  }
  return { dtype, shape, data: new dtypes[dtype].array(sizeOf(shape)) };
}

/** The first element that is NaN or infinite. */
export function firstNonFinite({ data }: Pick<Tensor, "data">): number | undefined {
  return (data as Float32Array).find((element) => !Number.isFinite(Number(element)));
}

function fromNumbers(values: readonly number[], dtype: DType): TensorData {
  return dtype === "int64" ? BigInt64Array.from(values, toInt64) : new dtypes[dtype].array(values);
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

function toInt64(number: number): bigint {
  if (!Number.isInteger(number)) {
    throw new SenetError(
      "shape",
      `Tensor of int64: expected whole numbers, found ${number}; round it, or take a float dtype.`,
    );
  }
  const exact = BigInt(number);
  if (exact > INT64.max) return INT64.max;
  return exact < INT64.min ? INT64.min : exact;
}
