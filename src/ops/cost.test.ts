import { describe, expect, it } from "vitest";
import { caseGraph } from "../../test/support/case-graph.ts";
import { operatorCases } from "../../test/support/operator-cases.ts";
import { knownShape } from "../ir/graph.ts";
import { newGraph, operatorTable } from "./new-graph.ts";

type Shape = readonly number[];

/** What is multiplied, as loops over every index: inputs' shapes, output's shape, attributes → lengths of the loops. */
const loops: Readonly<Record<string, (inputs: readonly Shape[], y: Shape, attrs: Attrs) => Shape>> = {
  // Every output element (n, filter, row, column) reads one window of the channels of its group.
  Conv: ([, w], y) => [...y, w[1], w[2], w[3]],
  // The same products, each added to an input element or to a weight.
  ConvGradInput: ([dy, w]) => [...dy, w[1], w[2], w[3]],
  ConvGradWeight: ([, dy], dw) => [...dy, dw[1], dw[2], dw[3]],
  // Every input element is spread over the filters of its group.
  ConvTranspose: ([x, w]) => [...x, w[1], w[2], w[3]],
  Gemm: ([a], y, { transA }) => [...y, a[transA ? 0 : 1]],
  FusedMatMul: ([a], y, { transA }) => [...y, a[a.length - (transA ? 2 : 1)]],
  MatMul: ([a], y) => [...y, a[a.length - 1]],
};

type Attrs = Readonly<Record<string, unknown>>;

describe.each(Object.keys(loops) as (keyof typeof loops & keyof typeof operatorCases)[])(
  "MACs of %s",
  (op) => {
    it.each(operatorCases[op].map((one) => [one.name, one] as const))("%s", (_, one) => {
      const { node } = caseGraph(op, one);
      const inputs = node.inputs.map((input) => (input ? knownShape(input) : []));
      const [y] = node.outputs.map((output) => knownShape(output));
      const { macs, flops } = operatorTable[op].cost(inputs, [y], node.attrs);
      expect(macs).toBe(countVisits(loops[op](inputs, y, node.attrs)));
      const hasBias = inputs.length === 3;
      expect(flops).toBe(2 * macs + (hasBias ? countVisits(y) : 0));
    });
  },
);

/** Runs the loops and counts. */
function countVisits([length, ...inner]: Shape): number {
  if (length === undefined) return 1;
  let visits = 0;
  for (let i = 0; i < length; i++) visits += countVisits(inner);
  return visits;
}

describe("operations that are no MACs", () => {
  const costOf = (op: string, shapes: Shape[], attrs = {}) => {
    const b = newGraph("cost");
    const inputs = shapes.map((shape, i) => b.input(`x${i}`, "float32", shape));
    b.ops(op, inputs, attrs);
    const [node] = b.build().nodes;
    const outputs = node.outputs.map((output) => knownShape(output));
    return operatorTable[op].cost(shapes, outputs, node.attrs);
  };

  it.each([
    ["Add", [[2, 3], [3]], {}, 6],
    ["Relu", [[4, 5]], {}, 20],
    ["Sigmoid", [[5]], {}, 20],
    ["Sum", [[2, 3], [2, 3], [3]], {}, 12],
    ["MaxPool", [[1, 2, 4, 4]], { kernel_shape: [2, 2], strides: [2, 2] }, 2 * 2 * 2 * 4],
    ["AveragePool", [[1, 2, 4, 4]], { kernel_shape: [3, 2] }, 2 * 2 * 3 * 6],
    ["GlobalAveragePool", [[2, 3, 4, 4]], {}, 96],
    ["BatchNormalization", [[2, 3, 4, 4], [3], [3], [3], [3]], {}, 192],
    ["Transpose", [[2, 3]], { perm: [1, 0] }, 0],
    ["Flatten", [[2, 3, 4]], {}, 0],
  ] as const)("%s", (op, shapes, attrs, flops) => {
    expect(costOf(op, [...shapes], attrs)).toEqual({ macs: 0, flops });
  });
});
