import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it, type TestContext } from "vitest";
import { readSection } from "../scripts/doc-section.ts";
import { complexity } from "../src/analysis/complexity.ts";
import { parametersOf, statesOf } from "../src/ir/graph.ts";
import { tensor } from "../src/ir/tensor.ts";
import { readOnnx } from "../src/onnx/read-onnx.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { newGraph } from "../src/ops/new-graph.ts";
import { verify } from "../src/ops/verify.ts";
import { bindDims } from "../src/passes/graph/bind-dims.ts";
import { matchSE } from "../src/passes/se/match-se.ts";
import { differentiate } from "../src/passes/training/differentiate.ts";
import { toTraining } from "../src/passes/training/to-training.ts";
import { toRef } from "../src/reference/ref-tensor.ts";
import { createSession } from "../src/runtime/node.ts";
import { expectSame } from "./support/compare.ts";
import { conformanceTable } from "./support/conformance-table.ts";
import { randomTensor } from "./support/gradient-check.ts";
import { needs, sharedPath } from "./support/needs.ts";
import { debianNodeTests, runNodeTests } from "./support/onnx-node-tests.ts";

const bytesOf = (context: TestContext) =>
  readFileSync(sharedPath(context, "models/ppocr/ch_ppocr_mobile_v2.0_cls_infer.onnx"));

describe("PaddleOCR's classifier, a trained network of opset 9", () => {
  it("comes in clean: no arithmetic with shapes is left, and roles are known", (context) => {
    const graph = readOnnx(bytesOf(context));
    verify(graph);
    const operators = new Set(graph.nodes.map(({ op }) => op));
    for (const op of ["Shape", "Cast", "Slice", "Concat", "Constant"]) expect(operators).not.toContain(op);
    expect(parametersOf(graph).length).toBeGreaterThan(0);
    expect(statesOf(graph)).toHaveLength(2 * 35);
    expect(parametersOf(graph).map(({ name }) => name)).toContain("fc_0.b_0");
  });

  it("has 9 SE blocks", (context) => {
    const blocks = matchSE(readOnnx(bytesOf(context)));
    expect(blocks).toHaveLength(9);
    for (const { nodes } of blocks) {
      expect(nodes.map(({ op }) => op).filter((op) => op === "Conv")).toHaveLength(2);
      expect(nodes[0].op).toBe("GlobalAveragePool");
    }
  });

  it("computes what ONNX Runtime computes on the original", async (context) => {
    const bytes = bytesOf(context);
    const shape = [2, 3, 48, 192];
    const x = tensor(shape, Float32Array.from(randomTensor(shape, 3).data));
    const run = async (file: Uint8Array) => {
      const session = await createSession(file, { threads: 1 });
      const outputs = await session.run({ x });
      await session.dispose();
      return outputs;
    };
    const [expected, found] = [await run(bytes), await run(writeOnnx(readOnnx(bytes)))];
    const refs = Object.fromEntries(Object.entries(expected).map(([name, y]) => [name, toRef(y)]));
    expectSame(found, refs, 1e-5);
  });

  it("can be counted and trained: every parameter has a gradient", (context) => {
    const symbols = Object.fromEntries([0, 1, 2].map((i) => [`p2o.DynamicDimension.${i}`, [2, 48, 192][i]]));
    const bound = bindDims(readOnnx(bytesOf(context)), symbols);
    expect(complexity(bound).macs).toBeGreaterThan(0);
    const { graph } = toTraining(bound);
    const b = newGraph("gradients", { from: graph });
    const loss = b.op("ReduceSum", [graph.outputs[0].value], { keepdims: 0 });
    const wanted = parametersOf(graph);
    expect(differentiate(b, b.build(), loss, wanted)).toHaveLength(wanted.length);
  });
});

it("the ONNX project's node tests pass, or are refused for the reasons that docs/import.md gives", async (context) => {
  needs(context, "Debian's libonnx-testdata", existsSync(debianNodeTests));
  const results = await runNodeTests(debianNodeTests);
  expect(results.filter(({ verdict }) => verdict === "failed")).toEqual([]);
  expect(conformanceTable(results)).toBe(
    readSection(new URL("../docs/import.md", import.meta.url), "conformance"),
  );
});
