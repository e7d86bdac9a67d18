import { describe, expect, it } from "vitest";
import { SenetError } from "../base/errors.ts";
import { newGraph } from "../ops/new-graph.ts";
import { knownShape } from "./graph.ts";

describe("knownShape", () => {
  const b = newGraph("shapes");

  it("is the shape where every dimension is a number", () => {
    expect(knownShape(b.input("x", "float32", [2, 0, 3]))).toEqual([2, 0, 3]);
    expect(knownShape(b.constant(1))).toEqual([]);
  });

  it("says which value has a symbol, and what to do", () => {
    const x = b.input("images", "float32", ["N", 3]);
    const y = b.scope("layer1", () => b.op("Relu", [x]));
    const refused = (what: string) =>
      new SenetError(
        "shape",
        `${what}: expected known dimensions, found [N, 3]; bind its symbols, such as the batch, to numbers first (bindDims).`,
      );
    expect(() => knownShape(x)).toThrow(refused("images"));
    expect(() => knownShape(y)).toThrow(refused("layer1:Relu"));
    expect(() => knownShape(y, "Relu")).toThrow(refused("Relu"));
  });
});
