import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";

/** [g·M, C, kH, kW] → [g·C, M, kH, kW], kernel rotated by 180°. */
export function rotateKernel(b: GraphBuilder, w: Value, group: number): Value {
  const [filters, channels, height, width] = knownShape(w);
  const turns = height * width > 1;
  const flipped = turns
    ? b.op("Slice", [
        w,
        ...[
          [-1, -1],
          [-height - 1, -width - 1],
          [2, 3],
          [-1, -1],
        ].map((n) => b.constant(n)),
      ])
    : w;
  if (group === 1) return b.op("Transpose", [flipped], { perm: [1, 0, 2, 3] });
  const grouped = b.op("Reshape", [flipped, b.constant([group, filters / group, channels, height, width])]);
  const swapped = b.op("Transpose", [grouped], { perm: [0, 2, 1, 3, 4] });
  return b.op("Reshape", [swapped, b.constant([group * channels, filters / group, height, width])]);
}

/** The weight of one group that `rotateKernel` was given, where a value is its result and the kernel has more than one element. */
export function rotatedSource(value: Value): Value | undefined {
  const { producer } = value;
  if (producer?.op !== "Transpose" || String(producer.attrs.perm) !== "1,0,2,3") return undefined;
  const flip = producer.inputs[0]?.producer;
  const steps = flip?.op === "Slice" ? flip.inputs[4]?.tensor?.data : undefined;
  return (steps && String(steps) === "-1,-1" && flip?.inputs[0]) || undefined;
}
