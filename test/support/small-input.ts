import { registry } from "../../src/models/registry.ts";

/** The minimum height and width of some networks; the others take less than the usual. */
const MIN: Readonly<Record<string, number>> = { vgg16_bn: 224, inception_v3: 96, inception_resnet_v2: 96 };
const USUAL = 64;

/** An input small enough for tests: channels, height, width. */
export function smallInput(name: string): readonly [number, number, number] {
  const [channels, designed] = registry[name].input;
  const size = Math.min(designed, MIN[name.replace(/^se(?=[vi])/, "")] ?? USUAL);
  return [channels, size, size];
}
