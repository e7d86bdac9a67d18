import type { Graph } from "../../src/ir/graph.ts";
import { createModel } from "../../src/models/create-model.ts";
import { registry } from "../../src/models/registry.ts";
import type { Placement } from "../../src/nn/se-names.ts";
import type { SEOptions } from "../../src/nn/se-options.ts";

/** A kind of SE block, and the parameters it has on a map of C channels, H × W pixels, by a formula of its own. */
interface Variant {
  readonly options: SEOptions;
  parameters(channels: number, height: number, width: number): number;
}

/** Parameters of layers of these widths, one after the other, with biases. */
function layers(...widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, out, i) => sum + (widths[i] + 1) * out, 0);
}

const quarter = (channels: number) => Math.max(1, Math.floor(channels / 4));
/** Every hidden layer of the sweep is a quarter of the map, at least one unit. */
const base = { reduction: 4, minimumHidden: 1, divisor: 1, activation: "relu" } as const;

/** Neighbors of ECA's convolution, from its paper's table of widths. */
function neighbors(channels: number): number {
  const size = Math.floor(Math.log2(channels) / 2 + 0.5);
  return size + ((size + 1) % 2);
}

/** Every squeeze, excitation, depth, width and gate at least once. */
const changes: readonly Variant[] = [
  { options: {}, parameters: (c) => layers(c, quarter(c), c) },
  { options: { squeeze: "max", gate: "tanh" }, parameters: (c) => layers(c, quarter(c), c) },
  { options: { squeeze: "avg+max", gate: "hard-sigmoid" }, parameters: (c) => layers(2 * c, quarter(c), c) },
  { options: { squeeze: "avg+std", bias: false }, parameters: (c) => 3 * c * quarter(c) },
  { options: { squeeze: "grid", grid: 2 }, parameters: (c) => layers(4 * c, quarter(c), c) },
  {
    options: { squeeze: "flatten" },
    parameters: (c, height, width) => layers(height * width * c, quarter(c), c),
  },
  { options: { squeeze: "tile", tile: 3, gate: "softmax" }, parameters: (c) => layers(c, quarter(c), c) },
  { options: { squeeze: "none" }, parameters: (c) => layers(c, quarter(c), c) },
  { options: { hidden: [] }, parameters: (c) => layers(c, c) },
  { options: { hidden: ["C/r", "C/r"] }, parameters: (c) => layers(c, quarter(c), quarter(c), c) },
  { options: { hidden: ["2C/r", 6], gate: "relu" }, parameters: (c) => layers(c, quarter(2 * c), 6, c) },
  {
    options: { norm: true, activation: "hard-swish" },
    parameters: (c) => layers(c, quarter(c), c) + 2 * quarter(c),
  },
  { options: { excitation: "eca" }, parameters: neighbors },
  { options: { excitation: "eca", squeeze: "grid", grid: 2 }, parameters: (c) => 4 * neighbors(c) },
];

export const variants: readonly Variant[] = changes.map(({ options, parameters }) => ({
  options: { ...base, ...options },
  parameters,
}));

/** A network of each family that the issue of placing names, at a size that is quick but has every map at least 2 × 2. */
export const families = [
  { name: "seresnet8", size: 12 },
  { name: "seresnext50_32x4d", size: 40 },
  { name: "segooglenet", size: 64 },
  { name: "sevgg16_bn", size: 224 },
  { name: "semobilenetv1_100", size: 40 },
  { name: "seshufflenet_g3_w1", size: 40 },
] as const;

export type Family = (typeof families)[number];

export function placementsOf({ name }: Family): readonly Placement[] {
  return registry[name].places.placements;
}

/** The family's network with one variant of the block at one place. */
export function buildVariant({ name, size }: Family, { options }: Variant, placement: Placement): Graph {
  return createModel(name, { classes: 10, input: [3, size, size], se: { ...options, placement } });
}
