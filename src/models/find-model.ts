import { nearest } from "../base/errors.ts";
import type { ModelEntry } from "./parts/model-entry.ts";
import { cifarDepth, registry } from "./registry.ts";

/** Depths 6n + 2 that timm gives to ImageNet networks and that are not listed: these names stay free. */
const TIMM_DEPTHS = [26, 200];
/** The deepest network of the ResNet paper; a larger number is a typo. */
const MAX_DEPTH = 1202;

/**
 * The network of a name: one that is listed, or a CIFAR ResNet of any depth 6n + 2 up to 1202, `resnet62` or
 * `seresnet62`, but for the depths of ImageNet networks (26, 50, 152, 200). Undefined when there is none.
 *
 * @example findModel("seresnet164")?.se // { reduction: 16, minimumHidden: 4 }
 */
export function findModel(name: string): ModelEntry | undefined {
  if (Object.hasOwn(registry, name)) return registry[name];
  const found = parseResNet(name);
  if (!found || found.timms || found.depth < 8 || found.depth > MAX_DEPTH || found.depth % 6 !== 2) {
    return undefined;
  }
  return cifarDepth(found.depth, found.se);
}

/**
 * Why there is no network of a name, as one sentence.
 *
 * @example whyUnknown("resnet26") // 'Model "resnet26" is timm\'s name of an ImageNet network that is not here, …'
 */
export function whyUnknown(name: string): string {
  const found = parseResNet(name);
  if (!found && name.startsWith("hf:")) {
    return `Model "${name}" is not known; give the name of a network as the model, and ${name} as \`weights\`.`;
  }
  if (!found && /[\\/]/.test(name)) {
    return `Model "${name}" is not known; where a file is meant, check the path.`;
  }
  if (!found) {
    return `Model "${name}" is not known${nearest(name, Object.keys(registry))}; \`listModels()\` lists all.`;
  }
  return found.timms
    ? `Model "${name}" is timm's name of an ImageNet network that is not here; choose ${found.se ? "se" : ""}resnet50, or a CIFAR depth, such as ${found.se ? "se" : ""}resnet56.`
    : `Model "${name}" is not known: expected an ImageNet depth (18, 34, 50, 101, 152) or a CIFAR depth of 6n + 2 from 8 to ${MAX_DEPTH}, found ${found.depth}; choose another.`;
}

function parseResNet(name: string): { se: boolean; depth: number; timms: boolean } | undefined {
  const parts = /^(se)?resnet([1-9]\d*)$/.exec(name);
  if (!parts) return undefined;
  const depth = Number(parts[2]);
  return { se: parts[1] !== undefined, depth, timms: TIMM_DEPTHS.includes(depth) };
}
