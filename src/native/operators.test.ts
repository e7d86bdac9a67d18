import { describe, expect, it, type TestContext } from "vitest";
import { caseGraph } from "../../test/support/case-graph.ts";
import { randomTensor } from "../../test/support/gradient-check.ts";
import { needs } from "../../test/support/needs.ts";
import { expectReference, runOnOnednn } from "../../test/support/on-onednn.ts";
import { oneDnnHere } from "../../test/support/onednn-here.ts";
import type { OperatorCase } from "../../test/support/operator-case.ts";
import { operatorCases } from "../../test/support/operator-cases.ts";
import { SenetError } from "../base/errors.ts";
import { type Graph, knownShape, type Value } from "../ir/graph.ts";
import { operators } from "../ops/index.ts";
import { newGraph } from "../ops/new-graph.ts";
import { differentiate } from "../passes/training/differentiate.ts";
import type { ReferenceOperator } from "../reference/index.ts";
import { forms } from "./forms/index.ts";

/** What oneDNN cannot do of operators that it has, by the beginning of the case's name; everything else must be right. */
const partly: Readonly<Partial<Record<ReferenceOperator, RegExp>>> = {
  AveragePool: /(ceil|even size|SENet.*), padding counted$/,
  AveragePoolGrad: /(ceil|even size|SENet.*), padding counted$/,
  Cast: /^to uint8$|^float32 to (bool|int32|int64|float64)$/,
  Pad: /^(edge|filled|reflect)$/,
  Pow: /^exponents of each$/,
  Slice: /^stride 2$|^turned$/,
};

const isThere = await oneDnnHere();

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
  if (isMissing(op, one)) await expect(runOnOnednn(graph, feeds)).rejects.toThrow(SenetError);
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
