import { SenetError } from "../base/errors.ts";
import { sizeOf } from "../ir/shape.ts";
import { input, numberAttr, optionalInput } from "./arguments.ts";
import { mapTensor, zipTensors } from "./elementwise.ts";
import { at, broadcast, refTensor, refZeros, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

/** ONNX MatMul: numpy.matmul. */
export const matMul: ReferenceFunction = (inputs) => [multiply(input(inputs, 0), input(inputs, 1))];

/**
 * FusedMatMul of `com.microsoft`: `alpha · A' × B'`, where `transA` and `transB` swap the last two axes.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedMatMul
 */
export const fusedMatMul: ReferenceFunction = (inputs, attrs) => {
  const a = transposedIf(numberAttr(attrs, "transA", 0) === 1, input(inputs, 0));
  const b = transposedIf(numberAttr(attrs, "transB", 0) === 1, input(inputs, 1));
  const alpha = numberAttr(attrs, "alpha", 1);
  return [mapTensor(multiply(a, b), (x) => alpha * x)];
};

/** ONNX Gemm: `alpha · A' × B' + beta · C`, where C is optional and broadcasts. */
export const gemm: ReferenceFunction = (inputs, attrs) => {
  const c = optionalInput(inputs, 2);
  const beta = numberAttr(attrs, "beta", 1);
  const [product] = fusedMatMul(inputs.slice(0, 2), attrs);
  return [c ? zipTensors(product, c, (x, bias) => x + beta * bias) : product];
};

/** numpy.matmul: leading axes broadcast; a vector counts as a row on the left, as a column on the right. */
function multiply(left: RefTensor, right: RefTensor): RefTensor {
  const a = left.shape.length === 1 ? refTensor([1, ...left.shape], left.data) : left;
  const b = right.shape.length === 1 ? refTensor([...right.shape, 1], right.data) : right;
  const [rows, inner] = a.shape.slice(-2);
  const [innerOfB, columns] = b.shape.slice(-2);
  if (inner !== innerOfB) {
    throw new SenetError(
      "shape",
      `MatMul: expected [${left.shape.join(", ")}] × [${right.shape.join(", ")}] to agree on the inner dimension, found ${inner} and ${innerOfB}; transpose or reshape one.`,
    );
  }
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const aMatrices = matrixOffsets(a, batch);
  const bMatrices = matrixOffsets(b, batch);
  const result = refZeros([...batch, rows, columns]);
  for (let m = 0; m < sizeOf(batch); m++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum += a.data[aMatrices[m] + i * inner + k] * b.data[bMatrices[m] + k * columns + j];
        }
        result.data[(m * rows + i) * columns + j] = sum;
      }
    }
  }
  const own = [...(left.shape.length > 1 ? [rows] : []), ...(right.shape.length > 1 ? [columns] : [])];
  return refTensor([...batch, ...own], result.data);
}

/** Where each matrix of the broadcast batch begins in `x`. */
function matrixOffsets(x: RefTensor, batch: readonly number[]): Float64Array {
  const own = x.shape.slice(0, -2);
  const size = sizeOf(x.shape.slice(-2));
  const starts = refTensor(
    own,
    Float64Array.from({ length: sizeOf(own) }, (_, i) => i * size),
  );
  return zipTensors(starts, refZeros(batch), (start) => start).data;
}

function transposedIf(transposed: boolean, x: RefTensor): RefTensor {
  if (!transposed || x.shape.length < 2) return x;
  const [rows, columns] = x.shape.slice(-2);
  return tabulate([...x.shape.slice(0, -2), columns, rows], (index) => {
    const [i, j] = index.slice(-2);
    return at(x, [...index.slice(0, -2), j, i]);
  });
}
