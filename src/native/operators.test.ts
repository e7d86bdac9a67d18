import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import { caseGraph, refFeeds } from "../../test/support/case-graph.ts";
import { largestError } from "../../test/support/compare.ts";
import { evaluate } from "../../test/support/evaluate.ts";
import { randomTensor } from "../../test/support/gradient-check.ts";
import { needs } from "../../test/support/needs.ts";
import type { OperatorCase } from "../../test/support/operator-case.ts";
import { operatorCases } from "../../test/support/operator-cases.ts";
import { SenetError } from "../base/errors.ts";
import { type Graph, knownShape, type Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { operators } from "../ops/index.ts";
import { newGraph } from "../ops/new-graph.ts";
import { differentiate } from "../passes/training/differentiate.ts";
import type { ReferenceOperator } from "../reference/index.ts";
import { forms } from "./forms/index.ts";
import { openEngine } from "./open-engine-node.ts";
import { DnnlSession } from "./session.ts";

/** What oneDNN cannot do of operators that it has, by the beginning of the case's name; everything else must be right. */
const partly: Readonly<Partial<Record<ReferenceOperator, RegExp>>> = {
  AveragePool: /(ceil|even size|SENet.*), padding counted$/,
  AveragePoolGrad: /(ceil|even size|SENet.*), padding counted$/,
  Cast: /^to uint8$|^float32 to (bool|int32|int64|float64)$/,
  Pad: /^(edge|filled|reflect)$/,
  Pow: /^exponents of each$/,
  ReduceSumSquare: /^(channels|batch and pixels|no axes: nothing)/,
  Slice: /^stride 2$|^turned$/,
};

let isThere = false;
beforeAll(async () => {
  const { library } = await openEngine();
  isThere = library !== undefined;
  library?.dispose();
});

describe.each(Object.keys(operatorCases) as ReferenceOperator[])("%s", (op) => {
  describe.each(operatorCases[op].map((one) => [one.name, one] as const))("%s", (_, one) => {
    it("computes what the reference computes", (context) => forward(context, op, one));
    if (isDifferentiable(op, one)) it("has its gradient", (context) => gradient(context, op, one));
  });
});

function isDifferentiable(op: ReferenceOperator, { noGradient, notLowered }: OperatorCase): boolean {
  return typeof operators[op].vjp === "function" && noGradient === undefined && notLowered === undefined;
}

function isMissing(op: ReferenceOperator, { name }: OperatorCase): boolean {
  const form = forms[op];
  return (typeof form === "object" && "missing" in form) || (partly[op]?.test(name) ?? false);
}

async function forward(context: TestContext, op: ReferenceOperator, one: OperatorCase): Promise<void> {
  needs(context, "oneDNN's library", isThere);
  const { graph, feeds } = caseGraph(op, one);
  if (isMissing(op, one)) await expect(run(graph, feeds)).rejects.toThrow(SenetError);
  else if (one.notLowered === undefined) await expectReference(graph, feeds);
}

/** The gradients of all inputs that the result depends on, in one graph with the operator itself. */
async function gradient(context: TestContext, op: ReferenceOperator, one: OperatorCase): Promise<void> {
  needs(context, "oneDNN's library", isThere);
  const { graph, feeds } = caseGraph(op, one);
  if (isMissing(op, one)) return;
  const b = newGraph(op, { from: { ...graph, outputs: [] } });
  const [y] = graph.nodes[0].outputs;
  const weights = b.constant({
    dtype: "float32",
    shape: knownShape(y),
    data: Float32Array.from(randomTensor(knownShape(y), 7).data),
  });
  const loss = b.op("ReduceSum", [b.op("Mul", [y, weights])], { keepdims: 0 });
  const source = b.build();
  const reaching = graph.inputs.filter((input) => input.dtype === "float32" && reaches(source, loss, input));
  for (const [i, found] of differentiate(b, source, loss, reaching).entries())
    b.output(`gradient.${i}`, found);
  await expectReference(b.build(), feeds);
}

function reaches(graph: Graph, loss: Value, input: Value): boolean {
  try {
    differentiate(newGraph("reaches", { from: graph }), graph, loss, [input]);
    return true;
  } catch {
    return false;
  }
}

async function expectReference(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<void> {
  const found = await run(graph, feeds);
  for (const [name, expected] of Object.entries(evaluate(graph, refFeeds(feeds)))) {
    expect(found[name].length, name).toBe(expected.data.length);
    const scale = 1e-3; // where cancellation leaves next to nothing, that is what is compared
    const error = largestError({ ...expected, data: Float64Array.from(found[name]) }, expected, scale);
    expect(error, name).toBeLessThanOrEqual(2e-5);
  }
}

async function run(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Float32Array>> {
  const { library } = await openEngine();
  if (library === undefined) throw new Error("unreachable: the test is skipped without oneDNN");
  try {
    library.setThreads(2);
    const session = new DnnlSession(library, graph);
    for (const [name, { data }] of Object.entries(feeds)) {
      session.input(name).set(Float32Array.from(data as ArrayLike<number | bigint>, Number));
    }
    session.run();
    return Object.fromEntries(graph.outputs.map(({ name }) => [name, session.output(name).slice()]));
  } finally {
    library.dispose();
  }
}
