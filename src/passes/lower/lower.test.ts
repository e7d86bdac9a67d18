import { describe, expect, it } from "vitest";
import { refFeeds } from "../../../test/support/case-graph.ts";
import { expectSame, largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { smallNet } from "../../../test/support/small-net.ts";
import { randomStream } from "../../base/random.ts";
import { type Graph, knownShape } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";
import { operators } from "../../ops/index.ts";
import { newGraph, operatorTable } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { adamW } from "../../train/step/optimizers.ts";
import { composeTrainStep } from "../../train/step/train-step.ts";
import { foldExpands } from "../training/fold-expands.ts";
import { lower, lowerings } from "./lower.ts";

const BATCH = 4;

function step(): Graph {
  return composeTrainStep(smallNet(), { batch: BATCH, optimizer: adamW(), clipNorm: 1, labelSmoothing: 0.1 })
    .graph;
}

function feedsOf(graph: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map((input, i) => {
      const [{ name = "", dtype, tensor: start }, known] = [input, knownShape(input)];
      const random = randomStream(8, i);
      const draw = () => (dtype === "int64" ? Math.floor(3 * random()) : random());
      return [name, start ?? tensor(known, Array.from({ length: sizeOf(known) }, draw), dtype)];
    }),
  );
}

describe("lower", () => {
  const composed = step();

  it("leaves only operators that the engine has", () => {
    const domains = (graph: Graph) => new Set(graph.nodes.map(({ op }) => operatorTable[op].domain));
    expect(domains(composed)).toContain("senet");
    const lowered = lower(composed);
    verify(lowered);
    expect(domains(lowered)).not.toContain("senet");
    expect(lowered.inputs).toEqual(composed.inputs);
    expect(lowered.outputs.map(({ name, value }) => [name, value.shape])).toEqual(
      composed.outputs.map(({ name, value }) => [name, value.shape]),
    );
  });

  it("has an expansion for every composite, and for nothing else", () => {
    const composites = Object.entries(operators).filter(([, { domain }]) => domain === "senet");
    expect(Object.keys(lowerings).sort()).toEqual(composites.map(([name]) => name).sort());
  });

  it("meets every composite in this step", () => {
    const met = new Set(
      composed.nodes.map(({ op }) => op).filter((op) => operatorTable[op].domain === "senet"),
    );
    expect([...met].sort()).toEqual(Object.keys(lowerings).sort());
  });

  it("keeps every number of a training step, and folding repetitions too", async () => {
    const feeds = feedsOf(composed);
    const expected = evaluate(composed, refFeeds(feeds));
    const lowered = lower(composed);
    const folded = foldExpands(lowered);
    verify(folded);
    for (const graph of [lowered, folded]) {
      const inFloat64 = evaluate(graph, refFeeds(feeds));
      for (const [name, wanted] of Object.entries(expected)) {
        expect(largestError(inFloat64[name], wanted), name).toBeLessThanOrEqual(1e-6);
      }
      expectSame(await executeGraph(graph, feeds, { threads: 1 }), expected, 2e-4);
    }
  });

  it("keeps each expansion in the scope of its node", () => {
    const scopes = (graph: Graph) => new Set(graph.nodes.map(({ scope }) => scope));
    expect(scopes(lower(composed))).toEqual(scopes(composed));
  });

  it("computes no output that nobody reads", () => {
    const b = newGraph("unread");
    const x = b.input("x", "float32", [4, 2, 3, 3]);
    const numbers = [0, 1, 2, 3].map((i) => b.input(`c${i}`, "float32", [2]));
    b.output("y", b.op("BatchNormTrain", [x, ...numbers]));
    const { nodes } = lower(b.build());
    expect(nodes.filter(({ op }) => op === "Sqrt")).toEqual([]);
    for (const node of nodes) {
      const isRead = node.outputs.some((output) => nodes.some(({ inputs }) => inputs.includes(output)));
      expect(isRead || node.op === "BatchNormalization").toBe(true);
    }
  });
});
