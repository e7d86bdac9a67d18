import { describe, expect, it } from "vitest";
import type { Graph } from "../../ir/graph.ts";
import { createModel } from "../../models/create-model.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { globalAveragePool } from "../../nn/pooling.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { newGraph, operatorTable } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { largestDifference } from "../../runtime/largest-difference-node.ts";
import { optimizedForms } from "../../runtime/optimized-forms-node.ts";
import { probeBlock } from "../../runtime/probe-block-node.ts";
import { optimize } from "./optimize.ts";

const counts = (graph: Parameters<typeof optimize>[0], options?: Parameters<typeof optimize>[1]) =>
  Object.fromEntries(
    optimize(graph, options).rules.map(({ rule, applied, skipped }) => [
      rule,
      [applied.length, skipped.length],
    ]),
  );

/** Two units of ResNet-50's kind, narrow, for one image. */
function bottlenecks(): Graph {
  const b = newGraph("bottlenecks");
  const x = b.input("x", "float32", [1, 3, 12, 12]);
  let map = convNorm(b, ["conv1", "bn1"], x, { out: 32, kernel: 3 }, relu);
  for (const unit of [1, 2]) {
    map = b.scope(`unit${unit}`, () => {
      const inner = convNorm(b, ["conv1", "bn1"], map, { out: 16 }, relu);
      const middle = convNorm(b, ["conv2", "bn2"], inner, { out: 16, kernel: 3 }, relu);
      const branch = squeezeExcite(b, "se", convNorm(b, ["conv3", "bn3"], middle, { out: 32 }), {
        reduction: 2,
      });
      return relu(b, b.op("Add", [branch, map]));
    });
  }
  b.output("y", b.op("Flatten", [globalAveragePool(b, map)]));
  return b.build();
}

describe("optimize", () => {
  it("tells for each rule where it applied and where not", () => {
    expect(counts(createModel("seresnet50"))).toEqual({
      "fold-constants": [0, 0],
      "fold-batch-norm": [53, 0],
      "global-pools": [0, 0],
      "early-squeeze": [16, 0],
    });
    expect(counts(createModel("seresnet20"))).toMatchObject({ "early-squeeze": [0, 9] });
    expect(counts(createModel("seresnet20"), { squeeze: "all" })).toMatchObject({ "early-squeeze": [9, 0] });
    expect(counts(createModel("seresnet20"), { squeeze: "late" })).not.toHaveProperty("early-squeeze");
  });

  it("writes no operator that is internal to the engine, unless told for which blocks", () => {
    const net = createModel("seresnet20", { batch: 1 });
    const internal = (options?: Parameters<typeof optimize>[1]) =>
      optimize(net, options).graph.nodes.filter(({ op }) => operatorTable[op].domain !== "").length;
    expect(internal()).toBe(0);
    expect(internal({ block: 16 })).toBeGreaterThan(0);
  });

  it.each([
    ["seresnet20", createModel("seresnet20"), 2],
    ["mobilenetv3_small_100", createModel("mobilenetv3_small_100", { input: [3, 32, 32], batch: 1 }), 1],
    ["bottlenecks", bottlenecks(), 2],
  ])("every form computes what the network does: %s", async (_, net, plain) => {
    const block = await probeBlock();
    const forms = optimizedForms(net, block);
    expect(forms.filter(({ name }) => !name.includes("in blocks")).length).toBe(plain);
    expect(forms.length > plain).toBe(block !== undefined);
    for (const { optimized } of forms) {
      verify(optimized.graph);
      expect((await largestDifference(net, optimized.graph, { threads: 1 })).relative).toBeLessThan(1e-5);
    }
  });
});
