import { describe, expect, it } from "vitest";
import { verify } from "../ir/verify.ts";
import { createModel } from "../models/create-model.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { largestDifference } from "../runtime/largest-difference-node.ts";
import { optimizedForms } from "../runtime/optimized-forms-node.ts";
import { probeBlock } from "../runtime/probe-block-node.ts";
import { optimize } from "./optimize.ts";

const counts = (graph: Parameters<typeof optimize>[0], options?: Parameters<typeof optimize>[1]) =>
  Object.fromEntries(
    optimize(graph, options).rules.map(({ rule, fired, refused }) => [rule, [fired.length, refused.length]]),
  );

describe("optimize", () => {
  it("tells for each rule where it fired and where not", () => {
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
    ["seresnet20", {}],
    ["sepreresnet164", { batch: 1 }],
    ["mobilenetv3_small_100", { input: [3, 32, 32] as const, batch: 1 }],
  ])("every form computes what the network does: %s", async (name, options) => {
    const net = createModel(name, options);
    const forms = optimizedForms(net, await probeBlock());
    expect(forms.length).toBeGreaterThan(0);
    for (const { optimized } of forms) {
      verify(optimized.graph, operatorTable);
      expect((await largestDifference(net, optimized.graph, { threads: 1 })).relative).toBeLessThan(1e-5);
    }
  });
});
