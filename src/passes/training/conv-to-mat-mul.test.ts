import { describe, expect, it } from "vitest";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import { knownShape } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { convToMatMul } from "./conv-to-mat-mul.ts";

interface Options {
  readonly attrs?: Readonly<Record<string, number | number[]>>;
  readonly bias?: boolean;
}

function graphOf(x: readonly number[], w: readonly number[], { bias = false, attrs = {} }: Options) {
  const b = newGraph("products");
  const inputs = [b.input("x", "float32", x), b.input("w", "float32", w)];
  if (bias) inputs.push(b.input("bias", "float32", [w[0]]));
  b.output("y", b.op("Conv", inputs, { kernel_shape: w.slice(2), ...attrs }));
  return b.build();
}

const operatorsOf = (...options: Parameters<typeof graphOf>) =>
  convToMatMul(graphOf(...options)).nodes.map(({ op }) => op);

describe("convToMatMul", () => {
  it.each<[string, number[], number[], Options]>([
    ["a layer on vectors", [2, 16, 1, 1], [8, 16, 1, 1], { bias: true }],
    ["1×1", [1, 16, 2, 2], [32, 16, 1, 1], {}],
    ["3×3 with a bias", [1, 8, 2, 2], [16, 8, 3, 3], { attrs: { pads: [1, 1, 1, 1] }, bias: true }],
    [
      "3×3, stride 2, of 5×3",
      [1, 8, 5, 3],
      [32, 8, 3, 3],
      { attrs: { pads: [1, 1, 1, 1], strides: [2, 2] } },
    ],
    ["3×2, padded unevenly", [1, 8, 2, 3], [32, 8, 3, 2], { attrs: { pads: [1, 0, 1, 1] } }],
    ["3×3, dilated", [1, 8, 3, 4], [48, 8, 3, 3], { attrs: { pads: [2, 2, 2, 2], dilations: [2, 2] } }],
  ])("computes the same as a product: %s", (_, x, w, options) => {
    const graph = graphOf(x, w, options);
    const feeds = Object.fromEntries(
      graph.inputs.map((input, i) => [input.name, toRef(tensorOf(fed(knownShape(input)), i))]),
    );
    const product = convToMatMul(graph);
    verify(product);
    expect(product.nodes.map(({ op }) => op)).toContain("FusedMatMul");
    expect(largestError(evaluate(product, feeds).y, evaluate(graph, feeds).y)).toBeLessThan(1e-12);
  });

  it("leaves other convolutions as they are", () => {
    expect(operatorsOf([8, 16, 2, 2], [32, 16, 1, 1], {})).toEqual(["Conv"]); // more pixels than weights
    expect(operatorsOf([1, 16, 1, 1], [32, 8, 1, 1], { attrs: { group: 2 } })).toEqual(["Conv"]);
  });
});
