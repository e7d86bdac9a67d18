import { malformed } from "./malformed.ts";
import { inputOf, type PendingNode, setInts, takeInts, takeString } from "./pending.ts";

/**
 * Writes out the padding that `auto_pad` leaves to the engine. `SAME_…` means as many windows as ⌈size / stride⌉, the odd row
 * of padding after (UPPER) or before (LOWER).
 */
export function resolveAutoPad(node: PendingNode): void {
  const mode = takeString(node, "auto_pad") ?? "NOTSET";
  if (mode === "NOTSET") return;
  takeInts(node, "pads");
  if (mode === "VALID") return;
  if (mode !== "SAME_UPPER" && mode !== "SAME_LOWER") {
    malformed(`${node.what}: expected auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER, found "${mode}"`);
  }
  const kernel =
    listed(node, "kernel_shape") ?? malformed(`${node.what}: attribute "kernel_shape" is missing`);
  const strides = listed(node, "strides");
  const dilations = listed(node, "dilations");
  const sizes = inputOf(node, 0).shape.slice(2);
  const totals = kernel.map((side, axis) => {
    const [size, stride] = [sizes[axis], strides?.[axis] ?? 1];
    const extent = (side - 1) * (dilations?.[axis] ?? 1) + 1;
    if (stride === 1) return extent - 1;
    if (typeof size === "number") return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    return malformed(
      `${node.what}: the padding of auto_pad ${mode} depends on the size of the map, which is ${size ?? "missing"}; export the model with a fixed input size`,
    );
  });
  const less = totals.map((total) => Math.floor(total / 2));
  const more = totals.map((total, axis) => total - less[axis]);
  setInts(node, "pads", mode === "SAME_UPPER" ? [...less, ...more] : [...more, ...less]);
}

function listed(node: PendingNode, name: string): number[] | undefined {
  return node.attributes.find((attribute) => attribute.name === name)?.ints.map(Number);
}
