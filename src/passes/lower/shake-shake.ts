import type { Lowering } from "./types.ts";

/** B + forward · (A − B). */
export const lowerShakeShake: Lowering<"ShakeShake"> = (b, _node, [first, second, forward]) => [
  b.op("Add", [second, b.op("Mul", [forward, b.op("Sub", [first, second])])]),
];
