import { SenetError } from "../base/errors.ts";
import type { Attr, Attrs } from "../ir/graph.ts";
import type { RefTensor } from "./types.ts";

/** Input `i`, which must be there. */
export function input(inputs: readonly (RefTensor | null)[], i: number): RefTensor {
  const found = inputs[i];
  if (found) return found;
  throw new SenetError("graph", `Reference evaluator: input ${i} is missing; pass it.`);
}

/** Input `i`, or null when it is left out. */
export function optionalInput(inputs: readonly (RefTensor | null)[], i: number): RefTensor | null {
  return inputs[i] ?? null;
}

/** The only element of input `i`. */
export function scalarInput(inputs: readonly (RefTensor | null)[], i: number): number {
  const found = input(inputs, i);
  if (found.data.length === 1) return found.data[0];
  throw new SenetError(
    "shape",
    `Reference evaluator: expected one element in input ${i}, found ${found.data.length}; pass a scalar.`,
  );
}

/** A numeric attribute. `fallback` is the default of the ONNX specification. */
export function numberAttr(attrs: Attrs, name: string, fallback?: number): number {
  const found = attrs[name] ?? fallback;
  if (typeof found === "number") return found;
  throw wrongAttribute(name, "a number", found);
}

/** A list attribute. `fallback` is the default of the ONNX specification, taken for an empty list too. */
export function listAttr(attrs: Attrs, name: string, fallback?: readonly number[]): readonly number[] {
  const given = attrs[name];
  const found = given === undefined || (Array.isArray(given) && given.length === 0) ? fallback : given;
  if (typeof found === "object") return found;
  throw wrongAttribute(name, "a list of numbers", found);
}

function wrongAttribute(name: string, expected: string, found: Attr | undefined): SenetError {
  return new SenetError(
    "graph",
    `Reference evaluator: expected ${expected} as attribute "${name}", found ${found ?? "nothing"}; complete the node's attributes.`,
  );
}
