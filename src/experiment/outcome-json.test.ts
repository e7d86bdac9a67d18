import { expect, it } from "vitest";
import { complexity } from "../analysis/complexity.ts";
import { createModel } from "../models/create-model.ts";
import { outcomeCsv, outcomeJson } from "./outcome-json.ts";
import { parseSpec } from "./spec.ts";
import { sampleOf } from "./statistics.ts";
import type { VariantOutcome } from "./summarize.ts";

const metrics = { loss: 0.5, top1: 0.75, top5: 1 };
const outcome: VariantOutcome = {
  name: '=a, "b"',
  configuration: '=a, "b"',
  model: "seresnet8",
  recipe: "",
  se: false,
  train: {},
  complexity: complexity(createModel("resnet8")),
  runs: [
    {
      seed: 0,
      id: "x",
      result: { status: "finished", test: metrics, train: metrics, engine: "onnxruntime", seconds: 2 },
    },
    { seed: 1, id: "y", result: { status: "diverged", message: "no" } },
  ],
  accuracy: sampleOf([0.75]),
  latencyMs: 0.25,
  onFront: { macs: true, latency: false },
};

it("writes a line a training, quoted where needed, without formulas", () => {
  const [header, first, second, end] = outcomeCsv([outcome]).split("\n");
  expect(header.split(",")).toHaveLength(17);
  expect(first).toMatch(
    /^"'=a, ""b""",seresnet8,,0,finished,0\.75,1,0\.5,0\.5,\d+,\d+,\d+,\d+,0\.25,onnxruntime,2,runs\/x$/,
  );
  expect(second).toMatch(/^"'=a, ""b""",seresnet8,,1,diverged,,,,,\d+,\d+,\d+,\d+,0\.25,,,runs\/y$/);
  expect(end).toBe("");
});

it("has null in JSON for what is not known", () => {
  const spec = parseSpec({ name: "n", data: "d", models: ["m"], seeds: [0], grid: { reduction: [2] } }, "s");
  const json = JSON.parse(JSON.stringify(outcomeJson(spec, [outcome])));
  expect(json.experiment.name).toBe("n");
  expect(json.configurations[0]).toMatchObject({
    top1: { mean: 0.75, std: null, runs: 1 },
    against: null,
    onFront: { macs: true, latency: false },
    runs: [{ seed: 0, run: "runs/x", status: "finished", test: metrics }, { status: "diverged" }],
  });
});
