import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";

const a = refTensor([2, 3], [1, 2, 3, 4, 5, 6]);
const b = refTensor([3, 2], [1, 0, 0, 1, 2, -1]);
const product = [7, -1, 16, -1]; // a × b
const aTransposed = refTensor([3, 2], [1, 4, 2, 5, 3, 6]);
const bTransposed = refTensor([2, 3], [1, 0, 2, 0, 1, -1]);

describe("MatMul", () => {
  it("multiplies matrices", () => {
    expect(reference.MatMul([a, b], {})).toEqual([refTensor([2, 2], product)]);
  });

  it("treats vectors as numpy does", () => {
    const v = refTensor([3], [1, 0, -1]);
    expect(reference.MatMul([a, v], {})).toEqual([refTensor([2], [-2, -2])]);
    expect(reference.MatMul([v, b], {})).toEqual([refTensor([2], [-1, 1])]);
    expect(reference.MatMul([v, v], {})).toEqual([refTensor([], [2])]);
  });

  it("broadcasts batches", () => {
    const rows = refTensor([2, 1, 1, 2], [1, 2, 3, 4]);
    const columns = refTensor([3, 2, 1], [1, 0, 0, 1, 1, 1]);
    expect(reference.MatMul([rows, columns], {})).toEqual([refTensor([2, 3, 1, 1], [1, 2, 3, 3, 4, 7])]);
  });

  it("refuses inner dimensions that differ", () => {
    expect(() => reference.MatMul([a, a], {})).toThrow("found 3 and 2");
  });
});

describe("FusedMatMul", () => {
  it("transposes and scales", () => {
    const doubled = [
      refTensor(
        [2, 2],
        product.map((x) => 2 * x),
      ),
    ];
    expect(reference.FusedMatMul([aTransposed, b], { alpha: 2, transA: 1, transB: 0 })).toEqual(doubled);
    expect(reference.FusedMatMul([a, bTransposed], { alpha: 2, transA: 0, transB: 1 })).toEqual(doubled);
    expect(reference.FusedMatMul([aTransposed, bTransposed], { alpha: 2, transA: 1, transB: 1 })).toEqual(
      doubled,
    );
  });

  it("transposes within each batch", () => {
    const x = refTensor([2, 1, 2], [1, 2, 3, 4]);
    expect(reference.FusedMatMul([x, x], { alpha: 1, transA: 0, transB: 1 })).toEqual([
      refTensor([2, 1, 1], [5, 25]),
    ]);
    expect(reference.FusedMatMul([x, x], { alpha: 1, transA: 1, transB: 0 })).toEqual([
      refTensor([2, 2, 2], [1, 2, 2, 4, 9, 12, 12, 16]),
    ]);
  });
});

describe("Gemm", () => {
  it("adds a bias that broadcasts", () => {
    const c = refTensor([2], [10, 100]);
    const attrs = { alpha: 2, beta: 0.5, transA: 0, transB: 1 };
    expect(reference.Gemm([a, bTransposed, c], attrs)).toEqual([refTensor([2, 2], [19, 48, 37, 48])]);
  });

  it("does without", () => {
    const attrs = { alpha: 1, beta: 1, transA: 1, transB: 0 };
    expect(reference.Gemm([aTransposed, b], attrs)).toEqual([refTensor([2, 2], product)]);
  });
});
