import { nearest } from "../errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import type { SEOptions } from "../nn/se.ts";
import { cifarResNet } from "./cifar-resnet.ts";

/** What the registry says of one network. */
export interface ModelEntry {
  /** Channels, height, width the network was designed for; others work too. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly description: string;
  /** The SE block it has, if any. */
  readonly se?: SEOptions;
  /** Images [N,C,H,W] → logits [N, classes]. */
  build(b: GraphBuilder, x: Value, options: { classes: number; se?: SEOptions }): Value;
}

/** CIFAR networks are narrow: C/16 of 16 channels would be one hidden unit, so at least 4 are kept. */
const cifarSE: SEOptions = { reduction: 16, minimumHidden: 4 };

function cifar(depth: number, se?: SEOptions): ModelEntry {
  return {
    input: [3, 32, 32],
    classes: 10,
    description: `CIFAR ResNet-${depth}${se ? " with SE blocks, hidden width max(4, C/16)" : ""}`,
    ...(se && { se }),
    build: (b, x, options) => cifarResNet(b, x, { depth, ...options }),
  };
}

/** Every network that is listed, by name; `findModel` knows more. A network is tested the moment it is listed. */
export const registry: Readonly<Record<string, ModelEntry>> = {
  resnet8: cifar(8),
  resnet14: cifar(14),
  resnet20: cifar(20),
  resnet32: cifar(32),
  resnet44: cifar(44),
  resnet56: cifar(56),
  resnet110: cifar(110),
  seresnet8: cifar(8, cifarSE),
  seresnet14: cifar(14, cifarSE),
  seresnet20: cifar(20, cifarSE),
  seresnet32: cifar(32, cifarSE),
  seresnet44: cifar(44, cifarSE),
  seresnet56: cifar(56, cifarSE),
  seresnet110: cifar(110, cifarSE),
};

/** Depths 6n + 2 that timm gives to ImageNet networks (`resnet50`, …): here these names wait for those. */
const IMAGENET_DEPTHS = [26, 50, 152, 200];
/** The deepest network of the ResNet paper; a greater number is a slip. */
const GREATEST_DEPTH = 1202;

/**
 * The network of a name: one that is listed, or a CIFAR ResNet of any depth 6n + 2 up to 1202, `resnet62` or
 * `seresnet62`, but for the depths of ImageNet networks (26, 50, 152, 200). Undefined when there is none.
 *
 * @example findModel("seresnet164")?.se // { reduction: 16, minimumHidden: 4 }
 */
export function findModel(name: string): ModelEntry | undefined {
  if (Object.hasOwn(registry, name)) return registry[name];
  const found = parseResNet(name);
  if (!found || found.imageNet || found.depth < 8 || found.depth > GREATEST_DEPTH || found.depth % 6 !== 2) {
    return undefined;
  }
  return cifar(found.depth, found.se ? cifarSE : undefined);
}

/**
 * Why there is no network of a name, as one sentence.
 *
 * @example whyUnknown("resnet50") // 'Model "resnet50" is timm\'s name of an ImageNet network, …'
 */
export function whyUnknown(name: string): string {
  const found = parseResNet(name);
  if (!found) {
    return `Model "${name}" is not known${nearest(name, Object.keys(registry))}; \`senet models\` lists all.`;
  }
  return found.imageNet
    ? `Model "${name}" is timm's name of an ImageNet network, which is not available yet; choose a CIFAR depth, such as ${found.se ? "se" : ""}resnet56.`
    : `Model "${name}" is not known: expected a depth of 6n + 2 from 8 to ${GREATEST_DEPTH} (8, 14, 20, …), found ${found.depth}; choose another.`;
}

function parseResNet(name: string): { se: boolean; depth: number; imageNet: boolean } | undefined {
  const parts = /^(se)?resnet([1-9]\d*)$/.exec(name);
  if (!parts) return undefined;
  const depth = Number(parts[2]);
  return { se: parts[1] !== undefined, depth, imageNet: IMAGENET_DEPTHS.includes(depth) };
}
