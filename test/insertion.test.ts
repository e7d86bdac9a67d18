import { describe, expect, it } from "vitest";
import { randomTensor } from "../src/analysis/random-feeds.ts";
import { tensorDifference } from "../src/analysis/tensor-difference.ts";
import { randomStream } from "../src/base/random.ts";
import { type Graph, knownShape, parametersOf } from "../src/ir/graph.ts";
import { sizeOf } from "../src/ir/shape.ts";
import type { Tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { registry } from "../src/models/registry.ts";
import { verify } from "../src/ops/verify.ts";
import { insertSE } from "../src/passes/se/insert-se.ts";
import { matchSE } from "../src/passes/se/match-se.ts";
import { stripSE } from "../src/passes/se/strip-se.ts";
import { executeGraph } from "../src/runtime/execute-graph-node.ts";
import { smallInput } from "./support/small-input.ts";

/** Plain networks and their SE twins. */
const twins = Object.keys(registry)
  .map((name) => [name, name.replace(/^(legacy_)?/, "$1se")] as const)
  .filter(([, twin]) => Object.hasOwn(registry, twin));

/** One network of each family is run; VGG-16, whose weights take half a gigabyte, by `scripts/check-insert.ts`. */
const RUN = [
  "resnet8",
  "preresnet110",
  "resnet18",
  "googlenet",
  "bninception",
  "mobilenetv1_100",
  "shufflenet_g3_w1",
];

/** The twin's blocks, put into the plain network. */
function inserted(name: string, twin: string, input = registry[name].input) {
  const { placement: _placement, stages: _stages, ...se } = registry[twin].se ?? {};
  const plain = createModel(name, { input, batch: 1, seed: 1 });
  return { plain, ...insertSE(plain, se) };
}

function parameters(graph: Graph): number {
  return parametersOf(graph).reduce((sum, value) => sum + sizeOf(knownShape(value)), 0);
}

/** The logits of one random image. */
async function logits(graph: Graph): Promise<Tensor> {
  const images = randomTensor(knownShape(graph.inputs[0]), randomStream(2));
  const { logits } = await executeGraph(graph, { images });
  return logits;
}

describe("blocks put into every plain network", () => {
  it("knows the pairs that the registry has", () => {
    expect(twins.length).toBeGreaterThanOrEqual(30);
    expect(RUN.every((name) => twins.some(([plain]) => plain === name))).toBe(true);
  });

  it.each(twins)("%s has the parameters and the blocks of %s", (name, twin) => {
    const { graph, blocks } = inserted(name, twin);
    const wanted = createModel(twin);
    expect(parameters(graph)).toBe(parameters(wanted));
    expect(matchSE(graph).map(({ channels }) => channels)).toEqual(
      matchSE(wanted).map(({ channels }) => channels),
    );
    expect(blocks.reduce((sum, block) => sum + block.parameters, 0)).toBe(
      parameters(wanted) - parameters(createModel(name)),
    );
  });

  it.each(twins.filter(([name]) => RUN.includes(name)))(
    "%s computes what it did before",
    async (name, twin) => {
      const { plain, graph, blocks } = inserted(name, twin, smallInput(name));
      verify(graph);
      const before = await logits(plain);
      expect(tensorDifference(before, await logits(graph)).relative).toBeLessThan(1e-5);
      // Taken out again, with the gates' constant in their place.
      const halves = matchSE(graph).map(
        (block, i) =>
          [block, new Float32Array(block.channels).fill(blocks[i].balancedBy === "gate" ? 1 : 0.5)] as const,
      );
      const { graph: without } = stripSE(graph, new Map(halves));
      verify(without);
      expect(parameters(without)).toBe(parameters(plain));
      expect(matchSE(without)).toEqual([]);
      expect(tensorDifference(before, await logits(without)).relative).toBeLessThan(1e-5);
    },
  );
});
