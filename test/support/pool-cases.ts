import type { Attr } from "../../src/ir/graph.ts";
import { apart, type Draw, fed, type OperatorCase, tied } from "./operator-case.ts";

interface Geometry {
  readonly name: string;
  readonly kernel_shape: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads?: readonly number[];
  readonly ceil_mode?: number;
  /** Height and width of the input; default 6×7. */
  readonly map?: readonly [number, number];
  /** Height and width of the output. */
  readonly out: readonly [number, number];
}

const ring = [1, 1, 1, 1];

const geometries: readonly Geometry[] = [
  { name: "2×2", kernel_shape: [2, 2], strides: [2, 2], out: [3, 3] },
  { name: "2×2 ceil", kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, out: [3, 4] },
  { name: "2×2 stride 1", kernel_shape: [2, 2], strides: [1, 1], out: [5, 6] },
  { name: "2×2 stride 3, pixels skipped", kernel_shape: [2, 2], strides: [3, 3], out: [2, 2] },
  { name: "3×3 stride 1 same", kernel_shape: [3, 3], strides: [1, 1], pads: ring, out: [6, 7] },
  {
    name: "3×3 stride 2 padded (ResNet's stem)",
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: ring,
    out: [3, 4],
  },
  {
    name: "3×3 stride 2 ceil (SENet's stem)",
    kernel_shape: [3, 3],
    strides: [2, 2],
    ceil_mode: 1,
    out: [3, 3],
  },
  {
    name: "3×3 stride 2 ceil, even size",
    kernel_shape: [3, 3],
    strides: [2, 2],
    ceil_mode: 1,
    map: [8, 6],
    out: [4, 3],
  },
  {
    name: "3×2 padded ceil",
    kernel_shape: [3, 2],
    strides: [3, 2],
    pads: [1, 0, 1, 1],
    ceil_mode: 1,
    out: [3, 4],
  },
  {
    name: "2×2 padded ceil, a window dropped that would start in the padding",
    kernel_shape: [2, 2],
    strides: [2, 2],
    pads: ring,
    ceil_mode: 1,
    map: [5, 7],
    out: [3, 4],
  },
  { name: "uneven padding", kernel_shape: [2, 3], strides: [1, 2], pads: [0, 1, 1, 2], out: [6, 4] },
  { name: "whole map", kernel_shape: [6, 7], strides: [1, 1], out: [1, 1] },
];

type Cases = [OperatorCase, ...OperatorCase[]];

export function averagePoolCases(): Cases {
  return cases([0, 1], ({ geometry, countPadding }) => ({
    inputs: [fed([2, 3, ...mapOf(geometry)])],
    attrs: { ...attributes(geometry), count_include_pad: countPadding },
  }));
}

export function averagePoolGradCases(): Cases {
  return cases([0, 1], ({ geometry, countPadding }) => ({
    inputs: [fed([2, 3, ...geometry.out])],
    attrs: {
      ...attributes(geometry),
      count_include_pad: countPadding,
      input_shape: [2, 3, ...mapOf(geometry)],
    },
  }));
}

export function maxPoolCases(): Cases {
  const dilated = {
    name: "dilation 2",
    inputs: [fed([2, 2, 7, 6], apart)],
    attrs: { kernel_shape: [2, 3], strides: [1, 2], pads: [1, 1, 0, 1], dilations: [2, 2] },
  };
  const plain = cases([0], ({ geometry }) => ({
    inputs: [fed([2, 2, ...mapOf(geometry)], apart)],
    attrs: attributes(geometry),
  }));
  return [...plain, dilated];
}

export function maxPoolGradCases(): Cases {
  const withInput = (draw: Draw) =>
    cases([0], ({ geometry }) => ({
      inputs: [fed([2, 2, ...geometry.out]), fed([2, 2, ...mapOf(geometry)], draw)],
      attrs: attributes(geometry),
    }));
  const ties = withInput(tied).map((one) => ({ ...one, name: `${one.name}, ties` }));
  const dilated = {
    name: "dilation 2",
    inputs: [fed([1, 2, 4, 3]), fed([1, 2, 6, 5], apart)],
    attrs: { kernel_shape: [2, 2], strides: [1, 1], dilations: [2, 2] },
    notLowered: "MaxPool in the graph: the gradient is written for dilation 1 only; use another pool.",
  };
  return [...withInput(apart), ...ties, dilated];
}

interface Choice {
  readonly geometry: Geometry;
  readonly countPadding: number;
}

function cases(counting: readonly number[], make: (choice: Choice) => Omit<OperatorCase, "name">): Cases {
  const [first, ...rest] = geometries.flatMap((geometry) =>
    counting.map((countPadding) => ({
      name: countPadding ? `${geometry.name}, padding counted` : geometry.name,
      ...make({ geometry, countPadding }),
    })),
  );
  return [first, ...rest];
}

function mapOf({ map = [6, 7] }: Geometry) {
  return map;
}

function attributes({ kernel_shape, strides, pads = [0, 0, 0, 0], ceil_mode = 0 }: Geometry) {
  return { kernel_shape, strides, pads, ceil_mode } satisfies Record<string, Attr>;
}
