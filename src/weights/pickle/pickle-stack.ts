import { badCheckpoint } from "./bad-checkpoint.ts";
import { pickleLimits } from "./pickle-limits.ts";
import type { PickleValue } from "./pickle-values.ts";

/** Marks where the elements of a container begin on the stack. */
const MARK = Symbol("mark");

/** The values that a pickle is working on and those that it remembers, within `pickleLimits`. */
export class PickleStack {
  readonly #what: string;
  readonly #slots: (PickleValue | typeof MARK)[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  /** @param what the file's name for messages */
  constructor(what: string) {
    this.#what = what;
  }

  push(value: PickleValue): void {
    if (this.#slots.length >= pickleLimits.stack) {
      throw badCheckpoint(this.#what, `expected at most ${pickleLimits.stack} values at once, found more`);
    }
    this.#slots.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.#slots.pop();
    return value;
  }

  /** The top `count` values, the lowest first. */
  take(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  top(): PickleValue {
    const value = this.#slots.at(-1);
    if (value === undefined || value === MARK) {
      throw badCheckpoint(this.#what, "expected a value on the stack, found none");
    }
    return value;
  }

  /** Begins a container. */
  mark(): void {
    if (this.#marks.length >= pickleLimits.depth) {
      throw badCheckpoint(
        this.#what,
        `expected at most ${pickleLimits.depth} containers in each other, found more`,
      );
    }
    this.#marks.push(this.#slots.length);
    this.#slots.push(MARK);
  }

  /** Takes off all values of the container that was begun last. */
  sinceMark(): PickleValue[] {
    const at = this.#marks.pop();
    if (at === undefined) {
      throw badCheckpoint(this.#what, "expected the beginning of a container, found none");
    }
    // A mark is above all older ones, so nothing after it is one.
    return this.#slots.splice(at).slice(1) as PickleValue[];
  }

  /** Remembers the top value, by default under the next number. */
  remember(index = this.#memo.size): void {
    if (this.#memo.size >= pickleLimits.memo) {
      throw badCheckpoint(this.#what, `expected at most ${pickleLimits.memo} remembered values, found more`);
    }
    this.#memo.set(index, this.top());
  }

  /** Pushes a remembered value. */
  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) {
      throw badCheckpoint(this.#what, `expected remembered value ${index}, found none`);
    }
    this.push(value);
  }
}
