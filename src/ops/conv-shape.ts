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
  const [kernel, stride, before, after] = [
    window.kernel_shape[axis],
    window.strides[axis],
    window.pads[axis],
    window.pads[axis + 2],
  ];
  const extent = (window.dilations?.[axis] ?? 1) * (kernel - 1) + 1;
  const padded = before + after;
  const isCeil = window.ceil_mode === 1;
  if (typeof input === "string") {
    const whole = windowedSymbol(input, padded - extent + (isCeil ? 2 * stride - 1 : stride), stride);
    // With more padding at the end than the last window reaches over, rounding up may leave one that starts in it.
    const mayStartOutside = isCeil && after + stride > extent;
    return mayStartOutside ? `min(${whole}, ${windowedSymbol(input, before + stride - 1, stride)})` : whole;
  }
  const room = input + padded - extent;
  if (room < 0) {
    throw new SenetError(
      "shape",
      `${what}: a window of ${extent} does not fit into ${input} + ${padded} padding; use a larger input or a smaller kernel.`,
    );
  }
  if (!isCeil) return Math.floor(room / stride) + 1;
  const up = Math.ceil(room / stride);
  return up * stride >= input + before ? up : up + 1;
}

/** What windows leave of a symbol: `(H-2)`, `⌊(H+1)/2⌋`. */
const WINDOWED = /^⌊?\(([^()⌊⌋]+)([+-]\d+)\)(?:\/(\d+)⌋)?$/;

/**
 * ⌊(symbol + offset) / stride⌋. Windows behind each other are one, as ⌊(⌊(H + a)/s⌋ + b)/t⌋ = ⌊(H + a + b·s)/(s·t)⌋: sizes of one
 * symbol have the same name just where they are equal for every size, whatever the windows were.
 *
 * @example windowedSymbol(windowedSymbol("H", 1, 2), 1, 2) // ⌊(H+3)/4⌋, as after two convolutions 3×3 with stride 2 and padding 1
 */
function windowedSymbol(symbol: string, offset: number, stride: number): string {
  const [, source = symbol, ahead = "0", step = "1"] = WINDOWED.exec(symbol) ?? [];
  const [total, steps] = [Number(ahead) + offset * Number(step), Number(step) * stride];
  if (total === 0 && steps === 1) return source;
  const sum = `(${source}${total < 0 ? "" : "+"}${total})`;
  return steps === 1 ? sum : `⌊${sum}/${steps}⌋`;
}

/** `pads` for the same padding on both sides of height and width. */
export function symmetric(padding: number): number[] {
  return [padding, padding, padding, padding];
}
