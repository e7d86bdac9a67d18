import { nearest, SenetError } from "../base/errors.ts";
import { formatShape } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Tensors, ValueInfo } from "./session.ts";

/**
 * Checks what is about to be fed and written against what a model declares, before an engine sees it: names,
 * dtypes, shapes, one value for each symbol, and that no memory is both read and written.
 *
 * @throws SenetError `shape` naming the input or output, what was expected and what was found.
 */
export function checkTensors(
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
  feeds: Tensors,
  into: Tensors,
): void {
  checkNames("Input", inputs, feeds);
  checkNames("Output", outputs, into);
  const symbols = new Map<string, { size: number; value: string }>();
  const fed = new Set<unknown>();
  for (const value of inputs) {
    const found = feeds[value.name];
    if (!found) throw mismatch("Input", value, "nothing");
    checkTensor("Input", value, found, symbols);
    fed.add(found.data);
  }
  // Symbols of outputs are computed from those of inputs, or unknown; only known numbers can be checked here.
  const written = new Set<unknown>();
  for (const value of outputs) {
    const target = into[value.name];
    if (!target) continue;
    checkTensor("Output", value, target, new Map(symbols));
    if (fed.has(target.data) || written.has(target.data)) {
      throw new SenetError(
        "shape",
        `Output "${value.name}": its memory is also ${fed.has(target.data) ? "fed as an input" : "another output's"}; use two sets of tensors and swap them.`,
      );
    }
    written.add(target.data);
  }
}

function checkNames(kind: string, values: readonly ValueInfo[], tensors: Tensors): void {
  const known = new Set(values.map((value) => value.name));
  for (const name of Object.keys(tensors)) {
    if (known.has(name)) continue;
    throw new SenetError(
      "shape",
      `${kind} "${name}" is not known to the model${nearest(name, known)}; leave it out or correct the name.`,
    );
  }
}

function checkTensor(
  kind: string,
  value: ValueInfo,
  found: Tensor,
  symbols: Map<string, { size: number; value: string }>,
): void {
  if (!isTensor(found)) throw mismatch(kind, value, `${describe(found)}, which is no tensor`);
  if (found.dtype !== value.dtype || found.shape.length !== value.shape.length) {
    throw mismatch(kind, value, `${found.dtype} ${formatShape(found.shape)}`);
  }
  for (const [axis, dim] of value.shape.entries()) {
    const size = found.shape[axis];
    if (typeof dim === "number") {
      if (dim !== size) throw mismatch(kind, value, `${found.dtype} ${formatShape(found.shape)}`);
      continue;
    }
    if (dim === "") continue; // unnamed: any size
    const known = symbols.get(dim);
    if (known && known.size !== size) {
      throw new SenetError(
        "shape",
        `${kind} "${value.name}": dimension ${dim} is ${size}, but ${known.size} in input "${known.value}"; make them equal.`,
      );
    }
    if (!known) symbols.set(dim, { size, value: value.name });
  }
}

/** Programs without types hand over plain arrays now and then. */
function isTensor(found: unknown): boolean {
  return (
    typeof found === "object" && found !== null && "dtype" in found && "shape" in found && "data" in found
  );
}

function describe(found: unknown): string {
  return typeof found === "object" ? `an object of class ${found?.constructor?.name}` : `a ${typeof found}`;
}

function mismatch(kind: string, { name, dtype, shape }: ValueInfo, found: string): SenetError {
  const example = shape.map((dim) => (typeof dim === "number" ? dim : 1)).join(", ");
  return new SenetError(
    "shape",
    `${kind} "${name}": expected ${dtype} ${formatShape(shape)}, found ${found}; pass tensor([${example}], data, "${dtype}").`,
  );
}
