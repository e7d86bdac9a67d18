import { SenetError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { Normalization } from "../data/dataset/normalize.ts";
import type { Fit } from "../data/images/fit-image.ts";
import { limits } from "../files/limits.ts";
import { readDescription } from "../models/describe-model.ts";
import type { Preprocessing } from "../models/parts/model-entry.ts";
import { imageNet } from "../models/preprocessing.ts";
import type { ModelFacts } from "../onnx/model-facts.ts";
import type { Session, ValueInfo } from "../runtime/session.ts";

/** Facts about a classifier that complete or override those of its file. */
export interface InputOptions {
  /** How images are prepared, as far as it differs from what the file says. */
  readonly preprocessing?: Partial<Preprocessing> | undefined;
  /** Height and width of the images, for a network that takes any. Default: what the file says. */
  readonly size?: readonly [height: number, width: number] | undefined;
}

/** What the input and the output of an image classifier mean. */
export interface Classifier {
  /** Images per run; undefined when any number fits. */
  readonly batch: number | undefined;
  readonly channels: 1 | 3;
  /** Of one image as the network takes it: channels, height, width. */
  readonly shape: readonly [number, number, number];
  /** How images of any size become its input, and how their pixels do. */
  readonly fit: Fit;
  readonly normalization: Normalization;
  readonly classCount: number;
  /** Undefined when the file does not say. */
  readonly classes: readonly string[] | undefined;
  /** Whether its outputs are probabilities already; otherwise they are logits. */
  readonly endsInSoftmax: boolean;
}

/**
 * Describes a classifier from its model file, its session and the options.
 *
 * @param where the file's name, for errors
 * @throws SenetError `graph` when it is not an image classifier; `file` when its description is damaged; `usage` when neither file
 * nor options say how images are prepared, or both fix another size
 */
export function describeClassifier(
  where: string,
  { inputs, outputs }: Pick<Session, "inputs" | "outputs">,
  facts: ModelFacts,
  options: InputOptions = {},
): Classifier {
  const [images] = inputs;
  const [scores] = outputs;
  const [batch, channels, ...sides] = images?.shape.map(fixed) ?? [];
  const classCount = scores?.shape.length === 2 ? fixed(scores.shape[1]) : undefined;
  const fits = inputs.length === 1 && images.shape.length === 4 && images.dtype === "float32";
  if (!fits || (channels !== 1 && channels !== 3) || classCount === undefined) {
    throw new SenetError(
      "graph",
      `${where}: expected an image classifier (one float32 input [N, 1 or 3, H, W], output [N, classes]), found ${list(inputs)} → ${list(outputs)}; use another model.`,
    );
  }
  const description = readDescription(facts, where);
  const [, ...recommended] = description?.input ?? [];
  const [height, width] = sizeOf(where, sides, options.size ?? recommended);
  const bytes = 4 * (batch ?? 1) * channels * height * width;
  if (bytes > limits.pixelBytes) {
    throw new SenetError(
      "graph",
      `${where}: expected images of at most ${formatBytes(limits.pixelBytes)} at once, found ${batch ?? 1}×${channels}×${height}×${width} float32; use another model.`,
    );
  }
  const preprocessing = { ...description, ...options.preprocessing };
  const { mean, std, interpolation = imageNet.interpolation, cropFraction = 1 } = preprocessing;
  const { pixelRange = 1, colorOrder = "RGB" } = preprocessing;
  if (!mean || !std) {
    throw new SenetError(
      "usage",
      `${where}: expected a description of how images are prepared, found none in the file; give \`mean\` and \`std\`, or name a model that was trained in the same way.`,
    );
  }
  return {
    batch,
    channels,
    shape: [channels, height, width],
    fit: { height, width, interpolation, cropFraction },
    normalization: { mean, std, pixelRange, colorOrder },
    classCount,
    classes: description?.classes,
    endsInSoftmax: facts.lastOperators.get(scores.name) === "Softmax",
  };
}

/** @throws SenetError `data` for images of another shape than the network's */
export function checkImageShape(where: string, { shape }: Classifier, found: readonly number[]): void {
  if (found.join() === shape.join()) return;
  throw new SenetError(
    "data",
    `${where}: expected images of ${shape.join("×")}, found ${found.join("×")}; choose the data the model was trained on.`,
  );
}

/** A dimension that is a number; engines give a symbol or −1 for unknown ones. */
function fixed(dim: number | string): number | undefined {
  return typeof dim === "number" && dim > 0 ? dim : undefined;
}

function sizeOf(
  where: string,
  sides: readonly (number | undefined)[],
  wanted: readonly number[],
): readonly [height: number, width: number] {
  const [height, width] = [0, 1].map((axis) => sides[axis] ?? wanted[axis]);
  if (height === undefined || width === undefined) {
    throw new SenetError(
      "usage",
      `${where}: expected the size of its images, found a network that takes any and recommends none; give a size.`,
    );
  }
  if (wanted.length > 0 && (height !== wanted[0] || width !== wanted[1])) {
    throw new SenetError(
      "usage",
      `${where}: expected images of ${height}×${width}, which the file fixes, found the size ${wanted.join("×")}; leave \`size\` out.`,
    );
  }
  return [height, width];
}

function list(values: readonly ValueInfo[]): string {
  return values.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(", ")}]`).join(" and ");
}
