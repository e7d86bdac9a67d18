import { nearest, SenetError } from "../errors.ts";
import { formatShape } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Port, Tensors } from "./session.ts";

/**
 * Checks what is about to be fed and written against what a model declares, before an engine sees it: names,
 * dtypes, shapes, one value for each symbol, and that no memory is both read and written.
 *
 * @throws SenetError `shape` naming the input or output, what was expected and what was found.
 */
export function checkTensors(
  inputs: readonly Port[],
  outputs: readonly Port[],
  feeds: Tensors,
  into: Tensors,
): void {
  checkNames("Input", inputs, feeds);
  checkNames("Output", outputs, into);
  const symbols = new Map<string, { size: number; port: string }>();
  const fed = new Set<unknown>();
  for (const port of inputs) {
    const found = feeds[port.name];
    if (!found) throw mismatch("Input", port, "nothing");
    checkTensor("Input", port, found, symbols);
    fed.add(found.data);
  }
  // Symbols of outputs are computed from those of inputs, or unknown; only known numbers can be checked here.
  const written = new Set<unknown>();
  for (const port of outputs) {
    const target = into[port.name];
    if (!target) continue;
    checkTensor("Output", port, target, new Map(symbols));
    if (fed.has(target.data) || written.has(target.data)) {
      throw new SenetError(
        "shape",
        `Output "${port.name}": its memory is also ${fed.has(target.data) ? "fed as an input" : "another output's"}; use two sets of tensors and swap them.`,
      );
    }
    written.add(target.data);
  }
}

function checkNames(kind: string, ports: readonly Port[], tensors: Tensors): void {
  const known = new Set(ports.map((port) => port.name));
  for (const name of Object.keys(tensors)) {
    if (known.has(name)) continue;
    throw new SenetError("shape", `${kind} "${name}" is not known to the model${nearest(name, known)}.`);
  }
}

function checkTensor(
  kind: string,
  port: Port,
  found: Tensor,
  symbols: Map<string, { size: number; port: string }>,
): void {
  if (!isTensor(found)) throw mismatch(kind, port, `${describe(found)}, which is no tensor`);
  if (found.dtype !== port.dtype || found.shape.length !== port.shape.length) {
    throw mismatch(kind, port, `${found.dtype} ${formatShape(found.shape)}`);
  }
  for (const [axis, dim] of port.shape.entries()) {
    const size = found.shape[axis];
    if (typeof dim === "number") {
      if (dim !== size) throw mismatch(kind, port, `${found.dtype} ${formatShape(found.shape)}`);
      continue;
    }
    if (dim === "") continue; // unnamed: any size
    const known = symbols.get(dim);
    if (known && known.size !== size) {
      throw new SenetError(
        "shape",
        `${kind} "${port.name}": dimension ${dim} is ${size}, but ${known.size} in input "${known.port}"; make them equal.`,
      );
    }
    if (!known) symbols.set(dim, { size, port: port.name });
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

function mismatch(kind: string, { name, dtype, shape }: Port, found: string): SenetError {
  const example = shape.map((dim) => (typeof dim === "number" ? dim : 1)).join(", ");
  return new SenetError(
    "shape",
    `${kind} "${name}": expected ${dtype} ${formatShape(shape)}, found ${found}; pass tensor([${example}], data, "${dtype}").`,
  );
}
