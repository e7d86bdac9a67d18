import { expect, test } from "vitest";
import { describeClassifier } from "./classifier.ts";

test.each([
  ["N", 60_000],
  [1_000_000_000, 8],
])("images for which there is no memory are refused: batch %s, side %i", (batch, side) => {
  const inputs = [{ name: "images", dtype: "float32", shape: [batch, 3, side, side] }] as const;
  const outputs = [{ name: "logits", dtype: "float32", shape: [batch, 10] }] as const;
  const facts = {
    metadata: {},
    lastOperators: new Map<string, string>(),
    storesOutside: false,
    isQuantized: false,
  };
  const count = typeof batch === "number" ? batch : 1;
  expect(() => describeClassifier("x.onnx", { inputs, outputs }, facts)).toThrow(
    `x.onnx: expected images of at most 2.0 GiB at once, found ${count}×3×${side}×${side} float32; use another model.`,
  );
});
