import { describe, expect, it } from "vitest";
import { caseGraph, refFeeds } from "../../test/support/case-graph.ts";
import { gradientErrors, slope, withProjection } from "../../test/support/check-gradient.ts";
import { expectSame } from "../../test/support/compare.ts";
import { evaluate } from "../../test/support/evaluate.ts";
import { randomTensor } from "../../test/support/gradient-check.ts";
import type { OperatorCase } from "../../test/support/operator-case.ts";
import { operatorCases } from "../../test/support/operator-cases.ts";
import { SenetError } from "../base/errors.ts";
import { knownShape } from "../ir/graph.ts";
import { verify } from "../ops/verify.ts";
import { lower } from "../passes/lower/lower.ts";
import { differentiate } from "../passes/training/differentiate.ts";
import { type ReferenceOperator, reference } from "../reference/index.ts";
import { toRef } from "../reference/ref-tensor.ts";
import { executeGraph } from "../runtime/execute-graph-node.ts";
import { operators } from "./index.ts";
import { newGraph, operatorTable } from "./new-graph.ts";

const names = Object.keys(operatorCases) as ReferenceOperator[];

/** Every operator is tested the moment the table lists it: `operatorCases` does not compile without a case for it. */
describe.each(names)("%s", (op) => {
  describe.each(operatorCases[op].map((one) => [one.name, one] as const))("%s", (_, one) => {
    it("has the shapes it infers", () => inferredShapes(op, one));
    it("computes on the engine what the reference computes", () => onTheEngine(op, one));
    it("costs a finite number of operations", () => countable(op, one));
    if (isDifferentiable(op)) it("has the gradient that its slope shows", () => gradients(op, one));
    else it("says why it has no gradient", () => noGradient(op, one));
  });
});

function isDifferentiable(op: ReferenceOperator): boolean {
  return typeof operators[op].vjp === "function";
}

function inferredShapes(op: ReferenceOperator, one: OperatorCase): void {
  const { graph, node, feeds } = caseGraph(op, one);
  verify(graph);
  const known = refFeeds(feeds);
  const inputs = node.inputs.map(
    (input) => input && (known[input.name ?? ""] ?? (input.tensor && toRef(input.tensor))),
  );
  const results = reference[op](
    inputs.map((input) => input ?? null),
    node.attrs,
  );
  expect(results.map(({ shape }) => shape)).toEqual(node.outputs.map(({ shape }) => shape));
  for (const { shape, data } of results) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
}

async function onTheEngine(op: ReferenceOperator, one: OperatorCase): Promise<void> {
  const { graph, feeds } = caseGraph(op, one);
  if (one.notLowered !== undefined) {
    expect(() => lower(graph)).toThrow(new SenetError("gradient", one.notLowered));
    return;
  }
  const isComposite = operators[op].domain === "senet";
  const lowered = isComposite ? lower(graph) : graph;
  verify(lowered);
  expect(lowered.nodes.filter((node) => operatorTable[node.op].domain === "senet")).toEqual([]);
  const found = await executeGraph(lowered, feeds, { threads: 1 });
  for (const { name, value } of graph.outputs) expect(found[name].dtype).toBe(value.dtype);
  expectSame(found, evaluate(graph, refFeeds(feeds)));
}

function countable(op: ReferenceOperator, one: OperatorCase): void {
  const { node } = caseGraph(op, one);
  const { macs, flops } = operatorTable[op].cost(
    node.inputs.map((input) => input && knownShape(input)),
    node.outputs.map((output) => knownShape(output)),
    node.attrs,
  );
  for (const number of [macs, flops]) expect(Number.isFinite(number) && number >= 0).toBe(true);
  expect(flops).toBeGreaterThanOrEqual(2 * macs);
}

/** Gradients of all float inputs, each alone and all together, against central differences. */
function gradients(op: ReferenceOperator, one: OperatorCase): void {
  const made = caseGraph(op, one);
  const feeds = refFeeds(made.feeds);
  const { graph, loss } = withProjection(firstOutput(made.graph));
  const floats = graph.inputs.filter(({ dtype }) => dtype === "float32");
  if (one.noGradient !== undefined) {
    const attempt = () => differentiate(newGraph("none", { from: graph }), graph, loss, floats);
    expect(attempt).toThrow(new SenetError("gradient", one.noGradient));
    return;
  }
  const reaching = floats.filter((input) => {
    const direction = randomTensor(feeds[input.name ?? ""].shape, 5);
    if (slope(graph, loss, input, direction, feeds) !== 0) return true;
    // The output does not move with it (running statistics, noise), so there must be no gradient either.
    expect(() => differentiate(newGraph("none", { from: graph }), graph, loss, [input])).toThrow(
      new SenetError("gradient", `differentiate: the loss does not depend on ${input.name}; leave it out.`),
    );
    return false;
  });
  expect(reaching.length).toBeGreaterThan(0);
  for (const wrt of [reaching, ...reaching.map((input) => [input])]) {
    for (const error of gradientErrors(graph, loss, wrt, feeds)) expect(error).toBeLessThanOrEqual(1e-6);
  }
}

function noGradient(op: ReferenceOperator, one: OperatorCase): void {
  const { graph } = caseGraph(op, one);
  const b = newGraph(op, { from: graph });
  const loss = b.op("ReduceSum", [graph.outputs[0].value], { keepdims: 0 });
  const { vjp } = operators[op];
  const reason = typeof vjp === "function" ? "" : vjp.reason;
  expect(reason).not.toBe("");
  expect(() => differentiate(b, b.build(), loss, graph.inputs)).toThrow(
    new SenetError(
      "gradient",
      `${op} in the graph has no gradient: ${reason}; replace it, or want no gradient through it.`,
    ),
  );
}

/** Gradient rules are written for the first output; the others are statistics. */
function firstOutput<G extends { readonly outputs: readonly unknown[] }>(graph: G): G {
  return { ...graph, outputs: graph.outputs.slice(0, 1) };
}
