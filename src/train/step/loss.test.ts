import { describe, expect, it } from "vitest";
import { gradientErrors } from "../../../test/support/check-gradient.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { refTensor } from "../../reference/ref-tensor.ts";
import { crossEntropy } from "./loss.ts";

function lossGraph(batch: number, classes: number, smoothing?: number) {
  const b = newGraph("loss");
  const logits = b.input("logits", "float32", [batch, classes]);
  const labels = b.input("labels", "int64", [batch]);
  const loss = crossEntropy(b, logits, labels, smoothing);
  b.output("loss", loss);
  return { graph: b.build(), loss, logits };
}

/** Straight from the definition: −Σ target·log(softmax), averaged over the batch. */
function plain(logits: readonly number[][], labels: readonly number[], smoothing: number): number {
  const losses = logits.map((row, n) => {
    const sum = row.reduce((total, x) => total + Math.exp(x), 0);
    return row.reduce((loss, x, k) => {
      const target = (k === labels[n] ? 1 - smoothing : 0) + smoothing / row.length;
      return loss - target * Math.log(Math.exp(x) / sum);
    }, 0);
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

describe("crossEntropy", () => {
  const rows = [
    [1, 2, -1, 0.5],
    [0, 0, 3, 1],
    [-2, 1, 0.25, 0],
  ];
  const labels = [1, 3, 0];
  const feeds = { logits: refTensor([3, 4], rows.flat()), labels: refTensor([3], labels) };

  // The targets are float32 constants, so the loss is right to 7 digits.
  it.each([0, 0.1, 0.5, 1])("is the plain formula with smoothing %f", (smoothing) => {
    const { graph } = lossGraph(3, 4, smoothing);
    expect(evaluate(graph, feeds).loss.data[0] / plain(rows, labels, smoothing)).toBeCloseTo(1, 6);
  });

  it("smooths nothing unless told", () => {
    expect(evaluate(lossGraph(3, 4).graph, feeds).loss.data[0]).toBeCloseTo(plain(rows, labels, 0), 6);
  });

  it("is log K for equal logits", () => {
    const same = { ...feeds, logits: refTensor([3, 4], new Array(12).fill(7)) };
    expect(evaluate(lossGraph(3, 4, 0.1).graph, same).loss.data[0]).toBeCloseTo(Math.log(4), 6);
  });

  it("does not overflow", () => {
    const far = { ...feeds, logits: refTensor([3, 4], [2000, 0, 0, 0, 0, 0, 0, 2000, 2000, 0, 0, 0]) };
    expect(evaluate(lossGraph(3, 4).graph, far).loss.data[0]).toBeCloseTo(2000 / 3, 3);
  });

  it("has the gradient that its slope shows", () => {
    const { graph, loss, logits } = lossGraph(3, 4, 0.1);
    const [error] = gradientErrors(graph, loss, [logits], { ...feeds, logits: randomTensor([3, 4], 1) });
    expect(error).toBeLessThanOrEqual(1e-6);
  });
});
