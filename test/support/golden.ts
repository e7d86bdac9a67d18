import { readFileSync } from "node:fs";
import type { Graph } from "../../src/ir/graph.ts";
import { parametersOf, statesOf } from "../../src/ir/graph.ts";
import { sizeOf } from "../../src/ir/shape.ts";
import { type Tensor, tensor } from "../../src/ir/tensor.ts";
import type { StepBatch } from "../../src/train/step/step-runner.ts";

/** Sums over one tensor after training. */
export interface Sums {
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** What PyTorch computed in one precision, and with which settings. */
export interface GoldenRun {
  readonly batch: number;
  /** Height and width of the images. */
  readonly size: number;
  readonly labelSmoothing: number;
  readonly lr: number;
  readonly momentum?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay: number;
  readonly losses: readonly number[];
  readonly parameterSums: Readonly<Record<string, Sums>>;
  readonly runningSums: Readonly<Record<string, number>>;
}

/** Two training runs of `scripts/make-goldens.py`, which says how they differ. */
export interface TrainingGolden {
  readonly model: string;
  readonly steps: number;
  readonly firstHashes: Readonly<Record<string, readonly number[]>>;
  readonly parameters: readonly (readonly [string, readonly number[]])[];
  readonly engine: GoldenRun;
  readonly reference: GoldenRun;
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), "utf8")) as T;
}

/** Element `i` of tensor `k`, the hash of `scripts/formula.py`. */
export function hash32(k: number, i: number): number {
  let h = (Math.imul(i, 2654435761) + Math.imul(k, 40503) + 12345) >>> 0;
  h ^= h >>> 15;
  h = Math.imul(h, 2246822519);
  h ^= h >>> 13;
  return h >>> 0;
}

function uniform(k: number, shape: readonly number[], scale: number, center = 0): Tensor {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = center + scale * (hash32(k, i) / 2 ** 32 - 0.5);
  return tensor(shape, data);
}

/** The weights the golden run starts from, by name. */
export function goldenWeights(model: Graph): Map<string, Tensor> {
  return new Map(
    parametersOf(model).map(({ name = "", shape }, k) => [name, goldenWeight(k, name, shape as number[])]),
  );
}

function goldenWeight(k: number, name: string, shape: readonly number[]): Tensor {
  if (shape.length > 1) return uniform(k, shape, 2 * Math.sqrt(3) * Math.sqrt(2 / sizeOf(shape.slice(1))));
  return name.endsWith(".weight") ? uniform(k, shape, 0.2, 1) : uniform(k, shape, 0.1);
}

/** Logits that timm or torchvision computed with weights by formula (`scripts/make-model-goldens.py`). */
export interface ModelGoldens {
  readonly classes: number;
  readonly models: Readonly<
    Record<
      string,
      {
        readonly input: readonly [number, number, number];
        /** Scales BatchNorm's weights. */
        readonly gain: number;
        readonly logits: readonly number[];
      }
    >
  >;
}

/** Parameters and statistics that follow from their names, as `fill_by_name` in `scripts/formula.py` has them. */
export function formulaWeights(model: Graph, gain: number): Map<string, Tensor> {
  const stored = [...parametersOf(model), ...statesOf(model)];
  return new Map(stored.map(({ name = "", shape }) => [name, formulaWeight(name, shape as number[], gain)]));
}

function formulaWeight(name: string, shape: readonly number[], gain: number): Tensor {
  const k = hashName(name);
  if (shape.length > 1) return uniform(k, shape, 2 * Math.sqrt(6 / sizeOf(shape.slice(1))));
  if (name.endsWith("running_var")) return uniform(k, shape, 0.4, 1);
  return name.endsWith("weight") ? uniform(k, shape, 0.4 * gain, 0.9 * gain) : uniform(k, shape, 0.2);
}

/** One image with pixels of variance 1. */
export function formulaImage(input: readonly number[]): Tensor {
  return uniform(hashName("images"), [1, ...input], Math.sqrt(12));
}

/** FNV-1a, 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Images and labels of step `t`. */
export function goldenBatch(t: number, { batch, size }: GoldenRun): StepBatch {
  const images = uniform(1000 + t, [batch, 3, size, size], Math.sqrt(12)).data as Float32Array;
  const labels = BigInt64Array.from({ length: batch }, (_, i) => BigInt(hash32(2000 + t, i) % 10));
  return { images, labels };
}

export function sumsOf({ data }: Tensor): Sums {
  let [sum, sumOfSquares] = [0, 0];
  for (const element of data) {
    sum += Number(element);
    sumOfSquares += Number(element) ** 2;
  }
  return { sum, sumOfSquares };
}
