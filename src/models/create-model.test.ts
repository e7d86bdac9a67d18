import { describe, expect, it } from "vitest";
import { complexity } from "../analysis/complexity.ts";
import { SenetError } from "../base/errors.ts";
import { parametersOf } from "../ir/graph.ts";
import { createModel } from "./create-model.ts";
import type { SEPlan } from "./parts/se-plan.ts";
import { registry } from "./registry.ts";

const names = Object.keys(registry);

describe("createModel", () => {
  it("draws other weights for another seed, the same for the same", () => {
    const first = (seed: number) => parametersOf(createModel("seresnet8", { seed }))[0].tensor?.data;
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it("takes classes, input, batch and SE options", () => {
    const graph = createModel("seresnet8", {
      classes: 7,
      input: [1, 28, 28],
      batch: 5,
      se: { minimumHidden: 2, bias: false },
    });
    expect(graph.inputs[0].shape).toEqual([5, 1, 28, 28]);
    expect(graph.outputs[0].value.shape).toEqual([5, 7]);
    const shapes = new Map(parametersOf(graph).map(({ name, shape }) => [name, shape]));
    expect(shapes.get("layer1.0.se.fc1.weight")).toEqual([2, 16, 1, 1]);
    expect(shapes.has("layer1.0.se.fc1.bias")).toBe(false);
  });

  it.each([0, -3, 1.5, ""])("refuses a batch of %j", (batch) => {
    expect(() => createModel("seresnet8", { batch })).toThrow(
      `Model seresnet8: expected a batch of at least 1, a whole number, or a symbol such as "N", found ${JSON.stringify(batch)}; correct it.`,
    );
  });

  it("says which SE twin a plain network has, and names none that does not exist", () => {
    for (const name of names.filter((plain) => !registry[plain].se)) {
      let message = "";
      try {
        createModel(name, { se: { reduction: 8 } });
      } catch (error) {
        message = error instanceof SenetError ? error.message : `${error}`;
      }
      const [, twin] = /choose its SE twin, (\w+)\.$/.exec(message) ?? [];
      const known = names.find(
        (other) => registry[other].se && other === name.replace(/^(?:legacy_)?/, "$&se"),
      );
      expect(twin, `${name}: ${message}`).toBe(known);
      if (!known) expect(message).toBe(`Model ${name} has no SE blocks to change; leave its SE options out.`);
    }
  });

  it("places SE blocks in each stage that a network has", () => {
    for (const [name, stages] of [
      ["seresnet8", [2, 3, 4]],
      ["seresnet50", [2, 3, 4, 5]],
    ] as const) {
      expect(registry[name].places.stages).toEqual(stages);
      const blocks = stages.map(
        (stage) => complexity(createModel(name, { se: { stages: [stage] } })).seBlocks,
      );
      expect(Math.min(...blocks)).toBeGreaterThan(0);
      expect(blocks.reduce((sum, count) => sum + count)).toBe(complexity(createModel(name)).seBlocks);
    }
  });

  it("gives each stage the block that its plan says", () => {
    const se: SEPlan = {
      squeeze: "grid",
      grid: 4,
      stages: { 2: { reduction: 2 }, 3: { squeeze: "avg", hidden: [] }, 4: false },
    };
    const names = parametersOf(createModel("seresnet8", { se }))
      .filter(({ name = "" }) => name.includes("se.") && name.endsWith("weight"))
      .map(({ name, shape }) => `${name} ${shape}`);
    expect(names).toEqual([
      "layer1.0.se.fc1.weight 8,16,4,4",
      "layer1.0.se.fc2.weight 16,8,1,1",
      "layer2.0.se.fc1.weight 32,32,1,1",
    ]);
  });

  // Programs in JavaScript, and JSON, can ask for anything.
  it.each<[string, string, unknown, string]>([
    [
      "a stage before the first",
      "seresnet50",
      { stages: [1] },
      "Model seresnet50: expected `stages` with SE blocks among 2, 3, 4, 5, found 1; correct them.",
    ],
    [
      "a stage that the family does not have",
      "seresnet20",
      { stages: [4, 5, 6] },
      "Model seresnet20: expected `stages` with SE blocks among 2, 3, 4, found 5, 6; correct them.",
    ],
    [
      "no stage",
      "seresnet20",
      { stages: [] },
      "Model seresnet20: expected `stages` with SE blocks among 2, 3, 4, found none; `se: false` leaves all blocks out.",
    ],
    [
      "a placement",
      "seresnet50",
      { placement: "foo" },
      'Model seresnet50: expected the `placement` of its SE blocks to be standard, pre, post, identity, conv3x3, found "foo"; choose a place that the network has.',
    ],
    [
      "a gate",
      "seresnet50",
      { gate: "sigmoit" },
      'Model seresnet50: expected the `gate` of its SE blocks to be sigmoid, hard-sigmoid, tanh, relu, softmax, found "sigmoit" (did you mean "sigmoid"?); correct it.',
    ],
    [
      "an activation",
      "efficientnet_b0",
      { activation: "toString" },
      'Model efficientnet_b0: expected the `activation` of its SE blocks to be relu, silu, hard-swish, found "toString"; correct it.',
    ],
    [
      "a squeeze",
      "sevgg16_bn",
      { squeeze: "min" },
      'Model sevgg16_bn: expected the `squeeze` of its SE blocks to be avg, max, avg+max, avg+std, grid, flatten, tile, none, found "min" (did you mean "max"?); correct it.',
    ],
    [
      "a placement that the family does not have",
      "sevgg16_bn",
      { placement: "identity" },
      'Model sevgg16_bn: expected the `placement` of its SE blocks to be standard, pre, found "identity"; choose a place that the network has.',
    ],
    [
      "changes of a stage that are none",
      "seresnet20",
      { stages: { 2: 4 } },
      "Model seresnet20: expected of stage 2 changes to its SE blocks, or false, found 4; write them as { reduction: 8 }.",
    ],
    [
      "a grid of a stage that has another squeeze",
      "seresnet20",
      { squeeze: "grid", stages: { 2: { squeeze: "avg", grid: 2 } } },
      'Model seresnet20, stage 2: `grid` is for the squeeze "grid" only; choose that, or leave `grid` out.',
    ],
  ])("refuses %s", (_, name, se, message) => {
    expect(() => createModel(name, { se: se as SEPlan })).toThrow(new SenetError("usage", message));
  });

  it.each<[string, () => unknown, SenetError]>([
    [
      "an ImageNet network's name",
      () => createModel("seresnet26"),
      new SenetError(
        "unknown-name",
        'Model "seresnet26" is timm\'s name of an ImageNet network that is not here; choose seresnet50, or a CIFAR depth, such as seresnet56.',
      ),
    ],
    [
      "another depth",
      () => createModel("resnet21"),
      new SenetError(
        "unknown-name",
        'Model "resnet21" is not known: expected an ImageNet depth (18, 34, 50, 101, 152) or a CIFAR depth of 6n + 2 from 8 to 1202, found 21; choose another.',
      ),
    ],
    [
      "an unknown name",
      () => createModel("seresnt20"),
      new SenetError(
        "unknown-name",
        'Model "seresnt20" is not known (did you mean "seresnet20"?); `listModels()` lists all.',
      ),
    ],
    [
      "a name that every object has",
      () => createModel("toString"),
      new SenetError("unknown-name", 'Model "toString" is not known; `listModels()` lists all.'),
    ],
    [
      "a path",
      () => createModel("runs/none"),
      new SenetError(
        "unknown-name",
        'Model "runs/none" is not known; where a file is meant, check the path.',
      ),
    ],
    [
      "weights of a hub",
      () => createModel("hf:timm/resnet18"),
      new SenetError(
        "unknown-name",
        'Model "hf:timm/resnet18" is not known; give the name of a network as the model, and hf:timm/resnet18 as `weights`.',
      ),
    ],
    [
      "no classes",
      () => createModel("resnet8", { classes: 0 }),
      new SenetError(
        "usage",
        "Model resnet8: expected a whole number of classes of at least 1, found 0; correct it.",
      ),
    ],
    [
      "SE options for a plain network",
      () => createModel("resnet8", { se: { reduction: 8 } }),
      new SenetError("usage", "Model resnet8 has no SE blocks to change; choose its SE twin, seresnet8."),
    ],
  ])("refuses %s", (_, attempt, error) => {
    expect(attempt).toThrow(error);
  });
});
