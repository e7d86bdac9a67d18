import { describe, expect, it } from "vitest";
import { smallNet } from "../../../test/support/small-net.ts";
import { SenetError } from "../../base/errors.ts";
import { knownShape, parametersOf, statesOf } from "../../ir/graph.ts";
import { type Tensor, tensor, zeros } from "../../ir/tensor.ts";
import { verify } from "../../ops/verify.ts";
import { withWeights } from "./with-weights.ts";

const model = smallNet();
const stored = [...parametersOf(model), ...statesOf(model)];
const weights = new Map<string, Tensor>(
  stored.map((value, i) => {
    const content = zeros(knownShape(value));
    content.data.fill(i as never);
    return [value.name ?? "", content];
  }),
);

describe("withWeights", () => {
  it("replaces parameters and states by name, and nothing else", () => {
    const changed = withWeights(model, weights);
    verify(changed);
    const now = [...parametersOf(changed), ...statesOf(changed)];
    expect(now.map(({ name }) => name)).toEqual(stored.map(({ name }) => name));
    for (const value of now) expect(value.tensor).toBe(weights.get(value.name ?? ""));
    expect(changed.nodes.map(({ op, scope, attrs }) => [op, scope, attrs])).toEqual(
      model.nodes.map(({ op, scope, attrs }) => [op, scope, attrs]),
    );
    expect(parametersOf(model)[0].tensor).not.toBe(weights.get("conv.weight"));
  });

  it("ignores names that the graph does not have", () => {
    const more = new Map([...weights, ["momentum/conv.weight", zeros([1])] as const]);
    expect(parametersOf(withWeights(model, more)).length).toBe(parametersOf(model).length);
  });

  const advice = "take the weights of this model, classes and input size.";
  it.each<[string, Tensor | undefined, string]>([
    ["a missing tensor", undefined, "none"],
    ["another shape", zeros([3, 5]), "one of shape [3, 5]"],
    ["another rank", zeros([12]), "one of shape [12]"],
    [
      "another type",
      tensor([3, 4], new Array(12).fill(0), "float64"),
      "one of shape [3, 4] and type float64",
    ],
  ])("refuses %s", (_, wrong, found) => {
    const broken = new Map(weights);
    broken.delete("fc.weight");
    if (wrong) broken.set("fc.weight", wrong);
    expect(() => withWeights(model, broken)).toThrow(
      new SenetError(
        "checkpoint",
        `Weights for small: expected a tensor "fc.weight" of shape [3, 4], found ${found}; ${advice}`,
      ),
    );
  });
});
