import { nearest } from "../errors.ts";
import { bnInception } from "./bn-inception.ts";
import { cifarResNet } from "./cifar-resnet.ts";
import { efficientNetB0 } from "./efficientnet.ts";
import { googLeNet } from "./googlenet.ts";
import { inceptionResNetV2 } from "./inception-resnet-v2.ts";
import { inceptionV3 } from "./inception-v3.ts";
import { mobileNetV1 } from "./mobilenet-v1.ts";
import { mobileNetV3, mobileNetV3Large, mobileNetV3Small } from "./mobilenet-v3.ts";
import type { ModelEntry, Preprocessing } from "./model-entry.ts";
import { preActivationResNet } from "./preactivation-resnet.ts";
import { cifar10, imageNet, symmetricStatistics } from "./preprocessing.ts";
import { regNetY008 } from "./regnet.ts";
import { type ResNetDesign, resNet } from "./resnet.ts";
import type { SEPlan } from "./se-plan.ts";
import { shakeShakeResNet } from "./shake-shake-resnet.ts";
import { shuffleNet } from "./shufflenet.ts";
import { vgg16 } from "./vgg.ts";

/** The paper's block: ⌊C/16⌋ hidden units. */
const paperSE: SEPlan = { reduction: 16, minimumHidden: 1 };
/** timm's `SEModule`: C/16 rounded to a multiple of 8. */
const timmSE: SEPlan = { reduction: 16, divisor: 8 };
/** CIFAR networks are narrow: C/16 of 16 channels would be one hidden unit, so at least 4 are kept. */
const cifarSE: SEPlan = { reduction: 16, minimumHidden: 4 };
/** MobileNetV3's: a quarter, rounded to a multiple of 8, and a cheap gate. */
const mobileNetV3SE: SEPlan = { reduction: 4, minimumHidden: 1, divisor: 8, gate: "hard-sigmoid" };
/** EfficientNet's: a quarter of the unit's input channels. */
const efficientNetSE: SEPlan = { reduction: 4, minimumHidden: 1, activation: "silu" };
/** RegNet's: a quarter of the unit's input channels, after the 3×3 convolution. */
const regNetSE: SEPlan = { reduction: 4, minimumHidden: 1, placement: "conv3x3" };

const bicubic = { interpolation: "bicubic" } as const;
/** timm's newer recipes keep more of the image. */
const wide = { ...bicubic, cropFraction: 0.95 } as const;

/** timm's MobileNet-v1 was trained with TensorFlow's scaling. */
const mobileNetV1Images = { ...symmetricStatistics, ...bicubic } as const;

const resNet18: ResNetDesign = { units: [2, 2, 2, 2], unit: "basic" };
const resNet34: ResNetDesign = { units: [3, 4, 6, 3], unit: "basic" };
const resNet50: ResNetDesign = { units: [3, 4, 6, 3], unit: "bottleneck" };
const resNet101: ResNetDesign = { units: [3, 4, 23, 3], unit: "bottleneck" };
const resNet152: ResNetDesign = { units: [3, 8, 36, 3], unit: "bottleneck" };
const resNeXt = { groups: 32, baseWidth: 4 } as const;
const seNet154: ResNetDesign = {
  ...resNet152,
  groups: 64,
  baseWidth: 4,
  halvesFirst: true,
  deep: true,
  dropout: 0.2,
};
/** As the paper's authors released it. */
const caffe = { legacy: true, strideIn: "conv1" } as const;

/** torchvision's weights; this mean and deviation are what its `transform_input` comes to. */
const googLeNetBase: Base = {
  input: [3, 224, 224],
  preprocessing: { ...imageNet, ...symmetricStatistics },
  build: googLeNet,
};
/** As the paper's authors trained it, in Caffe. */
const bnInceptionBase: Base = {
  input: [3, 224, 224],
  preprocessing: {
    ...imageNet,
    mean: [104, 117, 123],
    std: [1, 1, 1],
    pixelRange: 255,
    colorOrder: "BGR",
  },
  build: bnInception,
};
const inceptionV3Base: Base = {
  input: [3, 299, 299],
  preprocessing: { ...imageNet, ...symmetricStatistics, ...bicubic },
  build: inceptionV3,
};
const inceptionResNetV2Base: Base = {
  input: [3, 299, 299],
  preprocessing: { ...imageNet, ...symmetricStatistics, ...bicubic, cropFraction: 0.8975 },
  build: inceptionResNetV2,
};

const preResNet110 = preActivationResNet({ units: 18, unit: "basic", widths: [16, 32, 64] });
const preResNet164 = preActivationResNet({ units: 18, unit: "bottleneck", widths: [16, 32, 64] });
const wrn16x8 = preActivationResNet({ units: 2, unit: "basic", widths: [128, 256, 512] });
const shakeShake26 = shakeShakeResNet({ units: 4, widths: [96, 192, 384] });

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

  resnet18: residual("ResNet-18", resNet18, wide),
  resnet34: residual("ResNet-34", resNet34, wide),
  resnet50: residual("ResNet-50", resNet50, wide),
  resnet101: residual("ResNet-101", resNet101, wide),
  resnet152: residual("ResNet-152", resNet152, wide),
  resnext50_32x4d: residual("ResNeXt-50 32×4d", { ...resNet50, ...resNeXt }, wide),
  resnext101_32x4d: residual("ResNeXt-101 32×4d", { ...resNet101, ...resNeXt }),
  seresnet18: residual("SE-ResNet-18", resNet18, bicubic, timmSE),
  seresnet34: residual("SE-ResNet-34", resNet34, bicubic, timmSE),
  seresnet50: residual("SE-ResNet-50", resNet50, wide, timmSE),
  seresnet101: residual("SE-ResNet-101", resNet101, bicubic, timmSE),
  seresnet152: residual("SE-ResNet-152", resNet152, bicubic, timmSE),
  seresnext50_32x4d: residual("SE-ResNeXt-50 32×4d", { ...resNet50, ...resNeXt }, bicubic, timmSE),
  seresnext101_32x4d: residual("SE-ResNeXt-101 32×4d", { ...resNet101, ...resNeXt }, bicubic, timmSE),
  senet154: residual("SENet-154", seNet154, bicubic, timmSE),

  legacy_resnet50: residual("ResNet-50 of the paper", { ...resNet50, ...caffe }),
  legacy_resnet101: residual("ResNet-101 of the paper", { ...resNet101, ...caffe }),
  legacy_resnet152: residual("ResNet-152 of the paper", { ...resNet152, ...caffe }),
  legacy_resnext50_32x4d: residual("ResNeXt-50 32×4d of the paper", {
    ...resNet50,
    ...resNeXt,
    legacy: true,
  }),
  legacy_resnext101_32x4d: residual("ResNeXt-101 32×4d of the paper", {
    ...resNet101,
    ...resNeXt,
    legacy: true,
  }),
  legacy_seresnet18: residual("SE-ResNet-18 as Caffe pools", { ...resNet18, ...caffe }, bicubic, paperSE),
  legacy_seresnet34: residual("SE-ResNet-34 as Caffe pools", { ...resNet34, ...caffe }, {}, paperSE),
  legacy_seresnet50: residual("SE-ResNet-50 of the paper", { ...resNet50, ...caffe }, {}, paperSE),
  legacy_seresnet101: residual("SE-ResNet-101 of the paper", { ...resNet101, ...caffe }, {}, paperSE),
  legacy_seresnet152: residual("SE-ResNet-152 of the paper", { ...resNet152, ...caffe }, {}, paperSE),
  legacy_seresnext50_32x4d: residual(
    "SE-ResNeXt-50 32×4d of the paper",
    { ...resNet50, ...resNeXt, legacy: true },
    {},
    paperSE,
  ),
  legacy_seresnext101_32x4d: residual(
    "SE-ResNeXt-101 32×4d of the paper",
    { ...resNet101, ...resNeXt, legacy: true },
    {},
    paperSE,
  ),
  legacy_senet154: residual("SENet-154 of the paper", { ...seNet154, legacy: true }, {}, paperSE),

  googlenet: inception("GoogLeNet (Inception-v1) with BatchNorm", googLeNetBase),
  segooglenet: inception("SE-GoogLeNet (Inception-v1) with BatchNorm", googLeNetBase, paperSE),
  bninception: inception("BN-Inception of the paper", bnInceptionBase),
  sebninception: inception("SE-BN-Inception of the paper", bnInceptionBase, paperSE),
  inception_v3: inception("Inception-v3", inceptionV3Base),
  seinception_v3: inception("SE-Inception-v3", inceptionV3Base, paperSE),
  inception_resnet_v2: inception("Inception-ResNet-v2", inceptionResNetV2Base),
  seinception_resnet_v2: inception("SE-Inception-ResNet-v2", inceptionResNetV2Base, paperSE),

  vgg16_bn: imageNetwork("VGG-16 with BatchNorm", vgg16),
  sevgg16_bn: imageNetwork("SE-VGG-16 with BatchNorm", vgg16, {}, paperSE),
  mobilenetv1_100: imageNetwork("MobileNet-v1", mobileNetV1, mobileNetV1Images),
  semobilenetv1_100: imageNetwork("SE-MobileNet-v1", mobileNetV1, mobileNetV1Images, paperSE),
  shufflenet_g3_w1: imageNetwork("ShuffleNet 1× (g = 3)", shuffleNet),
  seshufflenet_g3_w1: imageNetwork("SE-ShuffleNet 1× (g = 3)", shuffleNet, {}, paperSE),

  mobilenetv3_small_100: imageNetwork(
    "MobileNetV3 small, which has SE blocks",
    mobileNetV3(mobileNetV3Small),
    bicubic,
    mobileNetV3SE,
  ),
  mobilenetv3_large_100: imageNetwork(
    "MobileNetV3 large, which has SE blocks",
    mobileNetV3(mobileNetV3Large),
    bicubic,
    mobileNetV3SE,
  ),
  efficientnet_b0: imageNetwork(
    "EfficientNet-B0, which has SE blocks",
    efficientNetB0,
    bicubic,
    efficientNetSE,
  ),
  regnety_008: {
    ...imageNetwork("RegNetY-800MF, which has SE blocks", regNetY008, bicubic, regNetSE),
    placeable: true,
  },

  wrn16_8: smallNetwork("CIFAR WRN-16-8", wrn16x8),
  sewrn16_8: smallNetwork("CIFAR SE-WRN-16-8", wrn16x8, cifarSE),
  preresnet110: smallNetwork("CIFAR pre-activation ResNet-110", preResNet110),
  sepreresnet110: smallNetwork("CIFAR pre-activation SE-ResNet-110", preResNet110, cifarSE),
  preresnet164: smallNetwork("CIFAR pre-activation ResNet-164, bottlenecks", preResNet164),
  sepreresnet164: smallNetwork("CIFAR pre-activation SE-ResNet-164, bottlenecks", preResNet164, cifarSE),
  shakeshake26_2x96d: smallNetwork("CIFAR Shake-Shake 26 2×96d", shakeShake26),
  seshakeshake26_2x96d: smallNetwork("CIFAR SE-Shake-Shake 26 2×96d", shakeShake26, cifarSE),
};

function cifar(depth: number, se?: SEPlan): ModelEntry {
  return {
    input: [3, 32, 32],
    classes: 10,
    description: `CIFAR ResNet-${depth}${se ? " with SE blocks, hidden width max(4, C/16)" : ""}`,
    preprocessing: cifar10,
    placeable: true,
    ...(se && { se }),
    build: (b, x, options) => cifarResNet(b, x, { depth, ...options }),
  };
}

function residual(
  description: string,
  design: ResNetDesign,
  preprocessing: Partial<Preprocessing> = {},
  se?: SEPlan,
): ModelEntry {
  return {
    input: [3, 224, 224],
    classes: 1000,
    description,
    preprocessing: { ...imageNet, ...preprocessing },
    placeable: true,
    ...(se && { se }),
    build: resNet(design),
  };
}

/** What a network and its SE twin have in common. */
type Base = Pick<ModelEntry, "input" | "preprocessing" | "build">;

function inception(description: string, base: Base, se?: SEPlan): ModelEntry {
  return { ...base, classes: 1000, description, ...(se && { se }) };
}

function imageNetwork(
  description: string,
  build: ModelEntry["build"],
  preprocessing: Partial<Preprocessing> = {},
  se?: SEPlan,
): ModelEntry {
  return {
    input: [3, 224, 224],
    classes: 1000,
    description,
    preprocessing: { ...imageNet, ...preprocessing },
    ...(se && { se }),
    build,
  };
}

/** A residual network for CIFAR. */
function smallNetwork(description: string, build: ModelEntry["build"], se?: SEPlan): ModelEntry {
  return {
    input: [3, 32, 32],
    classes: 10,
    description,
    preprocessing: cifar10,
    placeable: true,
    ...(se && { se }),
    build,
  };
}

/** Depths 6n + 2 that timm gives to ImageNet networks and that are not listed here: these names stay free. */
const TIMM_DEPTHS = [26, 200];
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
  if (!found || found.timms || found.depth < 8 || found.depth > GREATEST_DEPTH || found.depth % 6 !== 2) {
    return undefined;
  }
  return cifar(found.depth, found.se ? cifarSE : undefined);
}

/**
 * Why there is no network of a name, as one sentence.
 *
 * @example whyUnknown("resnet26") // 'Model "resnet26" is timm\'s name of an ImageNet network, …'
 */
export function whyUnknown(name: string): string {
  const found = parseResNet(name);
  if (!found) {
    return `Model "${name}" is not known${nearest(name, Object.keys(registry))}; \`senet models\` lists all.`;
  }
  return found.timms
    ? `Model "${name}" is timm's name of an ImageNet network that is not here; choose ${found.se ? "se" : ""}resnet50, or a CIFAR depth, such as ${found.se ? "se" : ""}resnet56.`
    : `Model "${name}" is not known: expected an ImageNet depth (18, 34, 50, 101, 152) or a CIFAR depth of 6n + 2 from 8 to ${GREATEST_DEPTH}, found ${found.depth}; choose another.`;
}

function parseResNet(name: string): { se: boolean; depth: number; timms: boolean } | undefined {
  const parts = /^(se)?resnet([1-9]\d*)$/.exec(name);
  if (!parts) return undefined;
  const depth = Number(parts[2]);
  return { se: parts[1] !== undefined, depth, timms: TIMM_DEPTHS.includes(depth) };
}
