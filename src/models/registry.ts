import { placements } from "../nn/se-names.ts";
import { bnInception } from "./families/bn-inception.ts";
import { cifarResNet } from "./families/cifar-resnet.ts";
import { efficientNetB0 } from "./families/efficientnet.ts";
import { googLeNet } from "./families/googlenet.ts";
import { inceptionResNetV2 } from "./families/inception-resnet-v2.ts";
import { inceptionV3 } from "./families/inception-v3.ts";
import { mobileNetV1 } from "./families/mobilenet-v1.ts";
import { mobileNetV3Large, mobileNetV3Small } from "./families/mobilenet-v3.ts";
import { preActivationResNet } from "./families/preactivation-resnet.ts";
import { regNetY008 } from "./families/regnet.ts";
import { type ResNetDesign, resNet } from "./families/resnet.ts";
import { shakeShakeResNet } from "./families/shake-shake-resnet.ts";
import { shuffleNet } from "./families/shufflenet.ts";
import { vgg16 } from "./families/vgg.ts";
import type { ModelEntry, Preprocessing } from "./parts/model-entry.ts";
import {
  cifarSE,
  efficientNetSE,
  mobileNetV3SE,
  paperSE,
  regNetSE,
  type SEPlaces,
  type SEPlan,
  timmSE,
} from "./parts/se-plan.ts";
import { bicubic, caffe, cifar10, imageNet, tensorFlow, wide } from "./preprocessing.ts";

const resNet18: ResNetDesign = { units: [2, 2, 2, 2], unit: "basic" };
const resNet34: ResNetDesign = { units: [3, 4, 6, 3], unit: "basic" };
const resNet50: ResNetDesign = { units: [3, 4, 6, 3], unit: "bottleneck" };
const resNet101: ResNetDesign = { units: [3, 4, 23, 3], unit: "bottleneck" };
const resNet152: ResNetDesign = { units: [3, 8, 36, 3], unit: "bottleneck" };
const resNeXt50: ResNetDesign = { ...resNet50, groups: 32, baseWidth: 4 };
const resNeXt101: ResNetDesign = { ...resNet101, groups: 32, baseWidth: 4 };
const seNet154: ResNetDesign = {
  ...resNet152,
  groups: 64,
  baseWidth: 4,
  halvesFirst: true,
  deep: true,
  dropout: 0.2,
};

const preResNet110 = preActivationResNet({ units: 18, unit: "basic", widths: [16, 32, 64] });
const preResNet164 = preActivationResNet({ units: 18, unit: "bottleneck", widths: [16, 32, 64] });
const wrn16x8 = preActivationResNet({ units: 2, unit: "basic", widths: [128, 256, 512] });
const shakeShake26 = shakeShakeResNet({ units: 4, widths: [96, 192, 384] });

function residualPlaces(stages: readonly number[]): SEPlaces {
  return { stages, placements };
}

/** Of networks whose units have no shortcut: Inception modules, VGG's convolutions. */
function moduleStages(...stages: readonly number[]): SEPlaces {
  return { stages, placements: ["standard", "pre"] };
}

/** Every network that is listed, by name; `findModel` knows more. A network is tested the moment it is listed. */
export const registry: Readonly<Record<string, ModelEntry>> = {
  resnet8: cifarDepth(8, false),
  resnet14: cifarDepth(14, false),
  resnet20: cifarDepth(20, false),
  resnet32: cifarDepth(32, false),
  resnet44: cifarDepth(44, false),
  resnet56: cifarDepth(56, false),
  resnet110: cifarDepth(110, false),
  seresnet8: cifarDepth(8, true),
  seresnet14: cifarDepth(14, true),
  seresnet20: cifarDepth(20, true),
  seresnet32: cifarDepth(32, true),
  seresnet44: cifarDepth(44, true),
  seresnet56: cifarDepth(56, true),
  seresnet110: cifarDepth(110, true),

  wrn16_8: forCifar("CIFAR WRN-16-8", wrn16x8),
  sewrn16_8: forCifar("CIFAR SE-WRN-16-8", wrn16x8, cifarSE),
  preresnet110: forCifar("CIFAR pre-activation ResNet-110", preResNet110),
  sepreresnet110: forCifar("CIFAR pre-activation SE-ResNet-110", preResNet110, cifarSE),
  preresnet164: forCifar("CIFAR pre-activation ResNet-164, bottlenecks", preResNet164),
  sepreresnet164: forCifar("CIFAR pre-activation SE-ResNet-164, bottlenecks", preResNet164, cifarSE),
  shakeshake26_2x96d: forCifar("CIFAR Shake-Shake 26 2×96d", shakeShake26),
  seshakeshake26_2x96d: forCifar("CIFAR SE-Shake-Shake 26 2×96d", shakeShake26, cifarSE),

  resnet18: residual("ResNet-18", resNet18, { images: wide }),
  resnet34: residual("ResNet-34", resNet34, { images: wide }),
  resnet50: residual("ResNet-50", resNet50, { images: wide }),
  resnet101: residual("ResNet-101", resNet101, { images: wide }),
  resnet152: residual("ResNet-152", resNet152, { images: wide }),
  resnext50_32x4d: residual("ResNeXt-50 32×4d", resNeXt50, { images: wide }),
  resnext101_32x4d: residual("ResNeXt-101 32×4d", resNeXt101),
  seresnet18: residual("SE-ResNet-18", resNet18, { images: bicubic, se: timmSE }),
  seresnet34: residual("SE-ResNet-34", resNet34, { images: bicubic, se: timmSE }),
  seresnet50: residual("SE-ResNet-50", resNet50, { images: wide, se: timmSE }),
  seresnet101: residual("SE-ResNet-101", resNet101, { images: bicubic, se: timmSE }),
  seresnet152: residual("SE-ResNet-152", resNet152, { images: bicubic, se: timmSE }),
  seresnext50_32x4d: residual("SE-ResNeXt-50 32×4d", resNeXt50, { images: bicubic, se: timmSE }),
  seresnext101_32x4d: residual("SE-ResNeXt-101 32×4d", resNeXt101, { images: bicubic, se: timmSE }),
  senet154: residual("SENet-154", seNet154, { images: bicubic, se: timmSE }),

  legacy_resnet50: asReleased("ResNet-50", { ...resNet50, strideIn: "conv1" }),
  legacy_resnet101: asReleased("ResNet-101", { ...resNet101, strideIn: "conv1" }),
  legacy_resnet152: asReleased("ResNet-152", { ...resNet152, strideIn: "conv1" }),
  legacy_resnext50_32x4d: asReleased("ResNeXt-50 32×4d", resNeXt50),
  legacy_resnext101_32x4d: asReleased("ResNeXt-101 32×4d", resNeXt101),
  legacy_seresnet18: asReleased("SE-ResNet-18", resNet18, { images: bicubic, se: paperSE }),
  legacy_seresnet34: asReleased("SE-ResNet-34", resNet34, { se: paperSE }),
  legacy_seresnet50: asReleased("SE-ResNet-50", { ...resNet50, strideIn: "conv1" }, { se: paperSE }),
  legacy_seresnet101: asReleased("SE-ResNet-101", { ...resNet101, strideIn: "conv1" }, { se: paperSE }),
  legacy_seresnet152: asReleased("SE-ResNet-152", { ...resNet152, strideIn: "conv1" }, { se: paperSE }),
  legacy_seresnext50_32x4d: asReleased("SE-ResNeXt-50 32×4d", resNeXt50, { se: paperSE }),
  legacy_seresnext101_32x4d: asReleased("SE-ResNeXt-101 32×4d", resNeXt101, { se: paperSE }),
  legacy_senet154: asReleased("SENet-154", seNet154, { se: paperSE }),

  // torchvision's weights; its `transform_input` comes to these statistics.
  ...withTwin("googlenet", "GoogLeNet (Inception-v1) with BatchNorm", googLeNet, {
    images: tensorFlow,
    places: moduleStages(3, 4, 5),
  }),
  ...withTwin("bninception", "BN-Inception of the paper", bnInception, {
    images: caffe,
    places: moduleStages(3, 4, 5),
  }),
  ...withTwin("inception_v3", "Inception-v3", inceptionV3, {
    size: 299,
    images: { ...tensorFlow, ...bicubic },
    places: moduleStages(5, 6, 7),
  }),
  ...withTwin("inception_resnet_v2", "Inception-ResNet-v2", inceptionResNetV2, {
    size: 299,
    images: { ...tensorFlow, ...bicubic, cropFraction: 0.8975 },
    places: { stages: [5, 6, 7], placements: ["standard", "pre", "post", "identity"] },
  }),
  ...withTwin("vgg16_bn", "VGG-16 with BatchNorm", vgg16, { places: moduleStages(1, 2, 3, 4, 5) }),
  ...withTwin("mobilenetv1_100", "MobileNet-v1", mobileNetV1, {
    images: { ...tensorFlow, ...bicubic },
    places: { stages: [1, 2, 3, 4, 5], placements: ["standard", "pre", "conv3x3"] },
  }),
  ...withTwin("shufflenet_g3_w1", "ShuffleNet 1× (g = 3)", shuffleNet, { places: residualPlaces([2, 3, 4]) }),

  mobilenetv3_small_100: forImageNet("MobileNetV3 small, which has SE blocks", mobileNetV3Small, {
    images: bicubic,
    places: residualPlaces([1, 3, 4, 5]),
    se: mobileNetV3SE,
  }),
  mobilenetv3_large_100: forImageNet("MobileNetV3 large, which has SE blocks", mobileNetV3Large, {
    images: bicubic,
    places: residualPlaces([3, 5, 6]),
    se: mobileNetV3SE,
  }),
  efficientnet_b0: forImageNet("EfficientNet-B0, which has SE blocks", efficientNetB0, {
    images: bicubic,
    places: residualPlaces([1, 2, 3, 4, 5, 6, 7]),
    se: efficientNetSE,
  }),
  regnety_008: forImageNet("RegNetY-800MF, which has SE blocks", regNetY008, {
    images: bicubic,
    se: regNetSE,
    places: residualPlaces([2, 3, 4, 5]),
  }),
};

/** What sets a network for ImageNet apart from the usual one. */
interface Row extends Pick<ModelEntry, "se" | "places"> {
  /** Height and width. Default 224. */
  readonly size?: number;
  readonly images?: Partial<Preprocessing>;
}

function forImageNet(
  description: string,
  build: ModelEntry["build"],
  { size = 224, images = {}, ...row }: Row,
): ModelEntry {
  const preprocessing = { ...imageNet, ...images };
  return { input: [3, size, size], classes: 1000, description, preprocessing, build, ...row };
}

/** A network for ImageNet, and the same with the paper's SE blocks, whose name begins with `se`. */
function withTwin(name: string, description: string, build: ModelEntry["build"], row: Row) {
  return {
    [name]: forImageNet(description, build, row),
    [`se${name}`]: forImageNet(`SE-${description}`, build, { ...row, se: paperSE }),
  };
}

function residual(description: string, design: ResNetDesign, row: Omit<Row, "places"> = {}): ModelEntry {
  return forImageNet(description, resNet(design), { ...row, places: residualPlaces([2, 3, 4, 5]) });
}

/** With the stem of the networks that the paper's authors released in Caffe, and timm's names of these. */
function asReleased(description: string, design: ResNetDesign, row: Omit<Row, "places"> = {}): ModelEntry {
  return residual(`${description}, stem of the paper's release`, { ...design, legacy: true }, row);
}

/** A residual network for CIFAR. */
function forCifar(description: string, build: ModelEntry["build"], se?: SEPlan): ModelEntry {
  return {
    input: [3, 32, 32],
    classes: 10,
    description,
    preprocessing: cifar10,
    places: residualPlaces([2, 3, 4]),
    build,
    ...(se && { se }),
  };
}

/** The CIFAR ResNet of a depth 6n + 2, or its SE twin. */
export function cifarDepth(depth: number, se: boolean): ModelEntry {
  return forCifar(
    `CIFAR ResNet-${depth}${se ? " with SE blocks, hidden width max(4, C/16)" : ""}`,
    cifarResNet({ units: (depth - 2) / 6 }),
    se ? cifarSE : undefined,
  );
}
