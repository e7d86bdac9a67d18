import { grouped, listOf, megabytes, milliseconds, percent, plural, points } from "../../base/format.ts";
import type { Quantized } from "../../quantize/quantize-options.ts";
import { cleanText } from "../../report/clean-text.ts";
import { formatTable } from "../../report/text-table.ts";
import type { QuantizeFlags } from "./command.ts";

/** What `senet quantize` found and made. */
export interface Quantization {
  readonly model: string;
  readonly out: string;
  readonly flags: QuantizeFlags;
  /** With `--weights` only the graph. */
  readonly made: Partial<Quantized> & { readonly images?: number };
  readonly bytes: { readonly float: number; readonly quantized: number };
  /** Shares, 0 to 1, and of how many images. */
  readonly accuracy:
    | { readonly float: number; readonly quantized: number; readonly images: number }
    | undefined;
  /** Median milliseconds of one run, float and quantized. */
  readonly ms: readonly number[] | undefined;
}

/** Layers whose errors are shown: the worst. */
const LAYERS_SHOWN = 8;

/** For people. */
export function describeQuantization({ out, flags, made, bytes, accuracy, ms }: Quantization): string {
  const { layers = [], float = [], integerNodes } = made;
  const lines = [
    `${cleanText(out)}: ${megabytes(bytes.quantized)}, ${percent(bytes.quantized / bytes.float)} of ${megabytes(bytes.float)}`,
  ];
  if (integerNodes !== undefined) {
    lines.push(
      `${plural(integerNodes, "node")} in integers, ranges by ${flags.method} on ${plural(made.images ?? 0, "image")}`,
    );
  }
  if (accuracy) {
    lines.push(
      `accuracy ${percent(accuracy.float)} → ${percent(accuracy.quantized)} (${points(accuracy.quantized - accuracy.float)} points) on ${plural(accuracy.images, "image")}`,
    );
  }
  if (ms) {
    const [before, after] = ms;
    lines.push(
      `one run ${milliseconds(before)} → ${milliseconds(after)}, ${(before / after).toFixed(2)} × as fast`,
    );
  }
  if (float.length > 0) lines.push("", "float still:", ...floatLines(float));
  if (layers.length > 0) {
    const worst = layers.toSorted((a, b) => a.signalToNoise - b.signalToNoise).slice(0, LAYERS_SHOWN);
    const rows = worst.map(({ name, op, isInteger, signalToNoise }) => [
      name,
      op,
      isInteger ? "int8" : "float32",
      `${signalToNoise.toFixed(1)} dB`,
    ]);
    const heading = `${worst.length === layers.length ? "all" : `the worst ${worst.length} of ${grouped(layers.length)}`} layers, signal over noise of their outputs:`;
    lines.push("", heading, formatTable(["layer", "operator", "weights", "signal / noise"], rows));
  }
  return lines.join("\n");
}

/** One line for all nodes of one operator that stay float for one reason. */
function floatLines(float: Quantized["float"]): string[] {
  const groups = new Map<string, string[]>();
  for (const { op, why, name } of float) {
    const key = `${op}: ${why}`;
    groups.set(key, [...(groups.get(key) ?? []), cleanText(name)]);
  }
  return [...groups].map(([key, names]) => `  ${key} (${listOf(names, 1)})`);
}

/** For programs. */
export function quantizationJson({ model, out, flags, made, bytes, accuracy, ms }: Quantization) {
  return {
    model,
    file: out,
    bytes: { ...bytes, ratio: bytes.quantized / bytes.float },
    ...(flags.weights === undefined
      ? { method: flags.method, images: made.images, integerNodes: made.integerNodes }
      : { weights: flags.weights }),
    accuracy: accuracy && { ...accuracy, drop: accuracy.float - accuracy.quantized },
    ms: ms && { float: ms[0], quantized: ms[1], speedup: ms[0] / ms[1] },
    layers: made.layers,
    float: made.float,
  };
}
