import { expect, it } from "vitest";
import { print } from "../../ir/print.ts";
import { createModel } from "../../models/create-model.ts";
import { sgd } from "../../train/step/optimizers.ts";
import { composeTrainStep } from "../../train/step/train-step.ts";
import { trainPipeline } from "./train-pipeline.ts";

// What the passes compute is tested beside each, and by the golden steps; without one of them a step would only be slower.
it.each([
  [undefined, 4],
  [16, 7],
])("with blocks of %s, each of its passes finds work in a step of SE-ResNet-18", (block, count) => {
  const model = createModel("seresnet18", { input: [3, 64, 64] });
  let { graph } = composeTrainStep(model, { batch: 8, optimizer: sgd() });
  let passes = 0;
  for (const pass of trainPipeline(block)) {
    const next = pass(graph);
    expect(print(next), `pass ${++passes}`).not.toBe(print(graph));
    graph = next;
  }
  expect(passes).toBe(count);
});
