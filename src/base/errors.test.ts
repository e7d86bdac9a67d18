import { expect, it } from "vitest";
import { registry } from "../models/registry.ts";
import { nearest } from "./errors.ts";

it.each([
  ["seresnext50", ' (did you mean "seresnext50_32x4d" or "legacy_seresnext50_32x4d"?)'],
  ["vgg16", ' (did you mean "vgg16_bn" or "sevgg16_bn"?)'],
  ["mobilenetv3", ' (did you mean "mobilenetv3_small_100" or "mobilenetv3_large_100"?)'],
  ["inception", ' (did you mean "inception_v3", "inception_resnet_v2" or "bninception"?)'],
  ["senet", ' (did you mean "senet154" or "legacy_senet154"?)'],
  ["SEResNet20", ' (did you mean "seresnet20"?)'],
  ["seresnet5O", ' (did you mean "seresnet50"?)'],
  ["seresnet5x", ' (did you mean "seresnet56"?)'],
  ["seresnt20", ' (did you mean "seresnet20"?)'],
  ["alexnet", ""],
])("for the model %s is suggested%s", (wrong, suggestion) => {
  expect(nearest(wrong, Object.keys(registry))).toBe(suggestion);
});

it("a letter or two are no part of a name", () => {
  expect(nearest("se", ["resnet20", "seresnet20"])).toBe("");
});
