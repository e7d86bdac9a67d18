import { expect, test } from "vitest";
import { listModels } from "./list-models.ts";
import { registry } from "./registry.ts";

test("all names, numbers by size", () => {
  expect(listModels()).toHaveLength(Object.keys(registry).length);
  expect(listModels("seresnet1*")).toEqual([
    "seresnet14",
    "seresnet18",
    "seresnet101",
    "seresnet110",
    "seresnet152",
  ]);
});

test("patterns match whole names, as fnmatch", () => {
  expect(listModels("resnet50")).toEqual(["resnet50"]);
  expect(listModels("resnet5?")).toEqual(["resnet50", "resnet56"]);
  expect(listModels("resnet5[!0]")).toEqual(["resnet56"]);
  expect(listModels(["resnet[38]", "vgg*"])).toEqual(["resnet8", "vgg16_bn"]);
  expect(listModels("resnet.0")).toEqual([]);
});

test("a pattern that is none is refused", () => {
  expect(() => listModels("resnet[5")).toThrow(
    'listModels: expected a pattern of names such as "se*" or "resnet[15]0*", found "resnet[5"; correct it.',
  );
});
