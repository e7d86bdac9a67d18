import { SenetError } from "../base/errors.ts";
import type { Resource } from "../base/resource.ts";

/** Bytes of which parts are read: a file, a `Blob`, or an array. Readers of formats know nothing of where bytes lie. */
export interface ByteSource extends Resource {
  /** For messages: the path or address. */
  readonly what: string;
  /** Bytes in all. */
  readonly size: number;
  /**
   * Exactly `length` new bytes starting at `from`, which the caller has checked to be there.
   *
   * @throws SenetError `file` when the bytes cannot be read
   */
  read(from: number, length: number): Promise<Uint8Array>;
}

/** A file that another program cuts while it is read. */
export function tooShort(what: string): SenetError {
  return new SenetError("file", `${what}: became shorter while it was read; read it again.`);
}
