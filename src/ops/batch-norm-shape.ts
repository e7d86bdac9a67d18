import type { Value } from "../ir/graph.ts";
import { required, sameDim } from "./shared.ts";

/** Checks that inputs 1… hold one number for each channel of input 0 (axis 1). */
export function perChannel(inputs: readonly (Value | null)[], what: string, from = 1): void {
  const channels = required(inputs, 0, what).shape[1];
  for (let i = from; i < inputs.length; i++) {
    const [length] = required(inputs, i, what).shape;
    sameDim(length, channels, `input ${i} must have one number per channel`, what);
  }
}
