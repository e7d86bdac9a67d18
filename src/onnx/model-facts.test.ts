import { expect, test } from "vitest";
import { foreign } from "../../test/support/onnx-fixtures.ts";
import { SenetError } from "../base/errors.ts";
import { createModel } from "../models/create-model.ts";
import { newGraph } from "../ops/new-graph.ts";
import { readModelFacts } from "./model-facts.ts";
import { writeOnnx } from "./write-onnx.ts";

test("tells metadata and what computes each output", () => {
  const b = newGraph("two");
  const x = b.input("x", "float32", ["N", 4]);
  b.output("p", b.op("Identity", [b.op("Softmax", [x])]));
  b.output("y", b.op("Relu", [x]));
  b.note("author", "me");
  const facts = readModelFacts(writeOnnx(b.build()), "two.onnx");
  expect(Object.fromEntries(facts.lastOperators)).toEqual({ p: "Softmax", y: "Relu" });
  expect(facts.metadata.author).toBe("me");
  expect(facts.storesOutside).toBe(false);
});

test("finds that weights lie outside, whether one of them or several", () => {
  for (const outside of [[0], [0, 1], [1], [0, 1, 2]]) {
    const bytes = foreign(({ initializer }) => {
      for (const i of outside) initializer[i].dataLocation = 1;
    });
    expect(readModelFacts(bytes, "x.onnx").storesOutside).toBe(true);
  }
});

test("what is no model is refused by its name, and no damage does more", () => {
  const sentence =
    "x.onnx: expected an ONNX model, found 5 bytes that are none or only a part of one; check the path and download it again.";
  expect(() => readModelFacts(new TextEncoder().encode("hello"), "x.onnx")).toThrow(sentence);
  const bytes = writeOnnx(createModel("seresnet8"));
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    const damaged = bytes.slice(0, i % 3 === 0 ? (i * 7919) % bytes.length : undefined);
    // Most of a file is weights; what tells of its structure stands at both ends.
    const at = i % 2 === 0 ? i * 5 : bytes.length - 1 - i * 5;
    if (at < damaged.length) damaged[at] = (i * 97) % 256;
    try {
      readModelFacts(damaged, "x.onnx");
    } catch (error) {
      expect(error).toBeInstanceOf(SenetError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});
