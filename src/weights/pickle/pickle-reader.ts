import { badCheckpoint } from "./bad-checkpoint.ts";
import { pickleLimits } from "./pickle-limits.ts";

/** The bytes ended inside a pickle: perhaps there are more in the file. */
export class PickleCut extends Error {
  override readonly name = "PickleCut";
}

/** The operands of a pickle's opcodes, one after another. */
export class PickleReader {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** As a number: beyond 2^53 nothing can be counted. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Big-endian, unlike all else. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** A whole number in two's complement of that many bytes. */
  long(length: number): number | bigint {
    this.#limit(length, pickleLimits.number, "a whole number");
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]);
    return narrow(BigInt.asIntN(8 * length, value));
  }

  decimal(text: string): number | bigint {
    this.#limit(text.length, pickleLimits.number, "a whole number");
    if (/^-?\d+$/.test(text)) return narrow(BigInt(text));
    throw badCheckpoint(this.#what, "expected a whole number in the pickle, found other text");
  }

  text(length: number): string {
    return new TextDecoder().decode(this.#string(length));
  }

  bytes(length: number): Uint8Array {
    return this.#string(length).slice();
  }

  /** Text up to the end of a line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0) {
      this.#limit(this.#bytes.length - this.position, pickleLimits.text, "a line");
      throw new PickleCut();
    }
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  #string(length: number): Uint8Array {
    this.#limit(length, pickleLimits.text, "a text");
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.position;
    if (at + length > this.#bytes.length) throw new PickleCut();
    this.position += length;
    return at;
  }

  #limit(length: number, most: number, kind: string): void {
    if (length <= most) return;
    throw badCheckpoint(
      this.#what,
      `expected ${kind} of at most ${most} bytes in the pickle, found ${length}`,
    );
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
