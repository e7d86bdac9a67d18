import { expect, it } from "vitest";
import { newGraph } from "../ops/new-graph.ts";
import { imagesInput } from "./images-input.ts";

it("finds the first input of four dimensions, wherever it stands", () => {
  const b = newGraph("three inputs");
  b.input("rate", "float32", []);
  b.input("images", "float32", ["N", 3, 8, 8]);
  b.input("more", "float32", ["N", 3, 8, 8]);
  expect(imagesInput(b.build())?.name).toBe("images");
});

it("finds nothing where there are no images", () => {
  const b = newGraph("no images");
  b.input("features", "float32", ["N", 64]);
  expect(imagesInput(b.build())).toBeUndefined();
});
