/** One step of a renaming: what a name has, and what takes its place. */
export type RenameStep = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

/** How other people name the tensors of networks that are here too; the steps apply one after another. */
export interface NameTable {
  /** Whose names, for the report. */
  readonly from: string;
  readonly steps: readonly RenameStep[];
  /**
   * Added to running variances: the BatchNorm epsilon of those networks less that of the same networks here, so that variance + epsilon,
   * and with it every logit, stays what it was.
   */
  readonly varianceShift?: number;
}

/** torchvision's units of MobileNetV3 and EfficientNet: a sequence of convolution + BatchNorm pairs and an SE block. */
const invertedResidual: readonly RenameStep[] = [
  [/\.block\.\d\.fc1\./, ".se.conv_reduce."],
  [/\.block\.\d\.fc2\./, ".se.conv_expand."],
  // The first stage does not expand.
  [/^(blocks\.0\.\d+)\.block\.0\.0\./, "$1.conv_dw."],
  [/^(blocks\.0\.\d+)\.block\.0\.1\./, "$1.bn1."],
  [/^(blocks\.0\.\d+)\.block\.[12]\.0\./, "$1.conv_pw."],
  [/^(blocks\.0\.\d+)\.block\.[12]\.1\./, "$1.bn2."],
  [/\.block\.0\.0\./, ".conv_pw."],
  [/\.block\.0\.1\./, ".bn1."],
  [/\.block\.1\.0\./, ".conv_dw."],
  [/\.block\.1\.1\./, ".bn2."],
  // Third without an SE block, else fourth.
  [/\.block\.[23]\.0\./, ".conv_pwl."],
  [/\.block\.[23]\.1\./, ".bn3."],
];

const stem: readonly RenameStep[] = [
  [/^features\.0\.0\./, "conv_stem."],
  [/^features\.0\.1\./, "bn1."],
];

/** torchvision counts MobileNetV3's units in one row, timm by stage. */
function mobileNetV3(size: string, unitsPerStage: readonly number[]): NameTable {
  const places = unitsPerStage.flatMap((units, stage) =>
    Array.from({ length: units }, (_, unit) => `blocks.${stage}.${unit}`),
  );
  const last = places.length + 1;
  return {
    from: `torchvision's mobilenet_v3_${size}`,
    steps: [
      ...stem,
      [/^features\.(\d+)\.block\./, (all, index) => `${places[Number(index) - 1] ?? all}.block.`],
      ...invertedResidual,
      [new RegExp(`^features\\.${last}\\.0\\.`), `blocks.${unitsPerStage.length}.0.conv.`],
      [new RegExp(`^features\\.${last}\\.1\\.`), `blocks.${unitsPerStage.length}.0.bn1.`],
      [/^classifier\.0\./, "conv_head."],
      [/^classifier\.3\./, "classifier."],
    ],
    varianceShift: 1e-3 - 1e-5,
  };
}

/**
 * Every set of names that is understood, beside this package's own (timm's and torchvision's, for all networks not in this list). The one
 * that fits most tensors is taken.
 */
export const nameTables: readonly NameTable[] = [
  { from: "pretrainedmodels", steps: [[/^last_linear\./, "fc."]] },
  { from: "pretrainedmodels", steps: [[/^last_linear\./, "classif."]] },
  {
    from: "torchvision's vgg16_bn",
    steps: [
      [/^classifier\.0\./, "pre_logits.fc1."],
      [/^classifier\.3\./, "pre_logits.fc2."],
      [/^classifier\.6\./, "head.fc."],
    ],
  },
  mobileNetV3("small", [1, 2, 3, 2, 3]),
  mobileNetV3("large", [1, 2, 3, 4, 2, 3]),
  {
    from: "torchvision's efficientnet",
    steps: [
      ...stem,
      [/^features\.8\.0\./, "conv_head."],
      [/^features\.8\.1\./, "bn2."],
      [/^features\.(\d+)\.(\d+)\.block\./, (_, stage, unit) => `blocks.${Number(stage) - 1}.${unit}.block.`],
      ...invertedResidual,
      [/^classifier\.1\./, "classifier."],
    ],
  },
  {
    from: "torchvision's regnet",
    steps: [
      [/^stem\.0\./, "stem.conv."],
      [/^stem\.1\./, "stem.bn."],
      [/^trunk_output\.block(\d+)\.block\d+-(\d+)\./, (_, stage, unit) => `s${stage}.b${Number(unit) + 1}.`],
      [/\.proj\.0\./, ".downsample.conv."],
      [/\.proj\.1\./, ".downsample.bn."],
      [/\.f\.se\./, ".se."],
      [/\.f\.([abc])\.0\./, (_, layer) => `.conv${"abc".indexOf(layer) + 1}.conv.`],
      [/\.f\.([abc])\.1\./, (_, layer) => `.conv${"abc".indexOf(layer) + 1}.bn.`],
      [/^fc\./, "head.fc."],
    ],
  },
];

/** A name by a table. */
export function renamed(name: string, { steps }: Pick<NameTable, "steps">): string {
  return steps.reduce(
    (now, [pattern, replacement]) =>
      typeof replacement === "string" ? now.replace(pattern, replacement) : now.replace(pattern, replacement),
    name,
  );
}
