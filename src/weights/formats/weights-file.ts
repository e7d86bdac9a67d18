import { nearest, SenetError } from "../../base/errors.ts";
import { disposable, type Resource } from "../../base/resource.ts";
import { quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import type { DType } from "../../ir/dtype.ts";
import type { Tensor } from "../../ir/tensor.ts";

/** Format of a file of weights. */
export type WeightsFormat = "safetensors" | "pytorch" | "npz" | "onnx";

/** What is known of a tensor before it is read. */
export interface WeightsEntry {
  /** Of what `read` gives: bfloat16 is widened to float32, see `storedTypes`. */
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * An open file of weights. Its names, types and shapes are known; a tensor's elements are read on request.
 */
export interface WeightsFile extends Resource {
  /** The path or address, for messages. */
  readonly what: string;
  readonly format: WeightsFormat;
  /** By name, in the order of the file. */
  readonly entries: ReadonlyMap<string, WeightsEntry>;
  /** Free text that the file holds about its tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * One tensor.
   *
   * @throws SenetError `unknown-name` for a name that `entries` does not have, `file` when its bytes cannot be read or are wrong
   */
  read(name: string): Promise<Tensor>;
  /**
   * Part of a tensor along its first axis, `from` to before `to`, as numpy's `[from:to]` with whole numbers inside the tensor. Only these
   * bytes are read from safetensors; the other formats read the whole tensor.
   *
   * @throws SenetError as `read`; `usage` when the range does not lie inside the tensor
   */
  readSlice(name: string, from: number, to: number): Promise<Tensor>;
}

/** What a reader of one format provides. */
export interface WeightsReader<E extends WeightsEntry> {
  readonly format: WeightsFormat;
  readonly entries: ReadonlyMap<string, E>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly read: (name: string, entry: E) => Promise<Tensor>;
  readonly readSlice?: (name: string, entry: E, from: number, to: number) => Promise<Tensor>;
}

/** An open file from a reader: names are looked up and ranges checked in one place. */
export function weightsFile<E extends WeightsEntry>(
  source: Pick<ByteSource, "what" | "dispose">,
  { format, entries, metadata = {}, read, readSlice }: WeightsReader<E>,
): WeightsFile {
  const find = (name: string): E => {
    const entry = entries.get(name);
    if (entry) return entry;
    throw new SenetError(
      "unknown-name",
      `${source.what}: tensor ${quote(name)} is not in the file${nearest(name, entries.keys())}; see entries for its names.`,
    );
  };
  return {
    what: source.what,
    format,
    entries,
    metadata,
    async read(name) {
      return read(name, find(name));
    },
    async readSlice(name, from, to) {
      const entry = find(name);
      checkRange(source.what, name, entry.shape, from, to);
      if (readSlice) return readSlice(name, entry, from, to);
      return sliceOf(await read(name, entry), from, to);
    },
    ...disposable(() => source.dispose()),
  };
}

function checkRange(what: string, name: string, shape: readonly number[], from: number, to: number): void {
  const [rows] = shape;
  const whole = Number.isInteger(from) && Number.isInteger(to);
  if (rows !== undefined && whole && from >= 0 && from <= to && to <= rows) return;
  const expected = rows === undefined ? "a tensor with at least one axis" : `0 ≤ from ≤ to ≤ ${rows}`;
  throw new SenetError(
    "usage",
    `${what}: slice of tensor ${quote(name)} [${shape.join(", ")}]: expected ${expected}, found from ${from} to ${to}; correct the range.`,
  );
}

function sliceOf({ dtype, shape: [rows, ...rest], data }: Tensor, from: number, to: number): Tensor {
  const row = rows === 0 ? 0 : data.length / rows;
  return { dtype, shape: [to - from, ...rest], data: data.slice(from * row, to * row) };
}
