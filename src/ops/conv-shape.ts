import { SenetError } from "../base/errors.ts";
import type { Dim } from "../ir/shape.ts";
import { type AttrsOf, attr } from "../ir/signature.ts";

/** How a window moves over a map: attributes shared by 2-D convolutions and their gradients. */
export const convAttributes = {
  kernel_shape: attr.ints(),
  strides: attr.ints([1, 1]),
  /** Top, left, bottom, right. */
  pads: attr.ints([0, 0, 0, 0]),
  dilations: attr.ints([1, 1]),
  group: attr.int(1),
};

export type ConvAttrs = AttrsOf<typeof convAttributes>;

export interface Window {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations?: readonly number[];
  readonly ceil_mode?: number;
}

/** Throws unless every attribute of a window has as many whole numbers as it should, large enough; a negative padding crops. */
export function checkWindow({ kernel_shape, strides, dilations = [1, 1], pads }: Window, what: string): void {
  const rules = { kernel_shape, strides, dilations, pads };
  for (const [name, found] of Object.entries(rules)) {
    const [count, min] = name === "pads" ? [4, Number.MIN_SAFE_INTEGER] : [2, 1];
    if (found.length === count && found.every((n) => Number.isSafeInteger(n) && n >= min)) continue;
    const from = name === "pads" ? "" : " of at least 1";
    throw new SenetError(
      "shape",
      `${what}: expected ${name} to be ${count} whole numbers${from}, found ${found.join(", ") || "none"}; only windows of height and width are supported.`,
    );
  }
}

/**
 * Height or width after a window has moved over it: ⌊(in + pads − (dilation·(kernel−1)+1)) / stride⌋ + 1,
 * or ⌈…⌉ with `ceil_mode`, where a window must start inside the input or its leading padding.
 */
export function windowDim(input: Dim, axis: 0 | 1, window: Window, what: string): Dim {
  const kernel = window.kernel_shape[axis];
  const stride = window.strides[axis];
  const padded = window.pads[axis] + window.pads[axis + 2];
  if (typeof input === "string") {
    // A symbolic size survives only a window that keeps every size ("same", stride 1). The name of any other tells what it came from,
    // not which window: sizes of one name need not be equal (see `isWindowed`).
    const reach = (window.dilations?.[axis] ?? 1) * (kernel - 1);
    return stride === 1 && padded === reach ? input : `window(${input})`;
  }
  const extent = (window.dilations?.[axis] ?? 1) * (kernel - 1) + 1;
  const room = input + padded - extent;
  if (room < 0) {
    throw new SenetError(
      "shape",
      `${what}: a window of ${extent} does not fit into ${input} + ${padded} padding; use a larger input or a smaller kernel.`,
    );
  }
  if (window.ceil_mode !== 1) return Math.floor(room / stride) + 1;
  const up = Math.ceil(room / stride);
  return up * stride >= input + window.pads[axis] ? up : up + 1;
}

/** Whether a dimension is what some window made of a symbol: two of one name may differ, which only the engine sees. */
export function isWindowed(dim: Dim): boolean {
  return typeof dim === "string" && dim.includes("window(");
}

/** `pads` for the same padding on both sides of height and width. */
export function symmetric(padding: number): number[] {
  return [padding, padding, padding, padding];
}
