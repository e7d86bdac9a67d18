import type { SenetError } from "../../base/errors.ts";
import { quote } from "../formats/weights-file.ts";
import { badCheckpoint } from "./bad-checkpoint.ts";
import { readDatum } from "./pickle-datum.ts";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleReader } from "./pickle-reader.ts";
import { PickleStack } from "./pickle-stack.ts";
import { PickleDict, PickleGlobal, PickleOpaque, type PickleValue } from "./pickle-values.ts";

/** What a pickle may refer to; everything else in it is data. */
export interface PickleWorld {
  /**
   * What becomes of a name of Python's.
   *
   * @throws SenetError `file` for one that is not known
   */
  find(name: string): PickleGlobal | PickleOpaque;
  /** The result of a call of a known name. Nothing of the file is executed: this builds plain values. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** What lies outside the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/** A value, and where the pickle ended. */
export interface Unpickled {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads one pickle (protocols 0 to 5, as far as data need them) without executing anything.
 *
 * Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @param bytes may go on after the pickle
 * @param what the file's name for messages
 * @throws SenetError `file` for damage, for what is not data, and for what exceeds `pickleLimits`; `PickleCut` when `bytes` end first
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld, what: string): Unpickled {
  return new Machine(new PickleReader(bytes, what), world, what).run();
}

/** Pickle's stack machine. Its stack and the values on it are the only state. */
class Machine {
  readonly #reader: PickleReader;
  readonly #world: PickleWorld;
  readonly #what: string;
  readonly #stack: PickleStack;

  constructor(reader: PickleReader, world: PickleWorld, what: string) {
    this.#reader = reader;
    this.#world = world;
    this.#what = what;
    this.#stack = new PickleStack(what);
  }

  run(): Unpickled {
    for (let count = 0; count < pickleLimits.opcodes; count++) {
      const at = this.#reader.position;
      const opcode = String.fromCharCode(this.#reader.byte());
      if (opcode === ".") return { value: this.#stack.pop(), end: this.#reader.position };
      const datum = readDatum(opcode, this.#reader);
      if (datum !== undefined) this.#stack.push(datum);
      else if (!this.#container(opcode) && !this.#object(opcode) && !this.#memory(opcode)) {
        throw this.#bad(`expected an opcode of a pickle, found ${quote(opcode)} at byte ${at}`);
      }
    }
    throw this.#bad(`expected at most ${pickleLimits.opcodes} opcodes, found more`);
  }

  /** Lists, tuples, dicts and sets. @returns whether the opcode is one of these */
  #container(opcode: string): boolean {
    switch (opcode) {
      case "(":
        this.#stack.mark();
        return true;
      case ")":
      case "]":
      case "\x8f":
        return this.#push([]);
      case "}":
        return this.#push(new PickleDict());
      case "t":
      case "l":
      case "\x91":
        return this.#push(this.#stack.sinceMark());
      case "\x85":
        return this.#tuple(1);
      case "\x86":
        return this.#tuple(2);
      case "\x87":
        return this.#tuple(3);
      case "d": {
        const items = this.#stack.sinceMark();
        const dict = new PickleDict();
        this.#fill(dict, items);
        return this.#push(dict);
      }
      case "a":
        return this.#append([this.#stack.pop()]);
      case "e":
      case "\x90":
        return this.#append(this.#stack.sinceMark());
      case "s": {
        const value = this.#stack.pop();
        const key = this.#stack.pop();
        return this.#fill(this.#stack.top(), [key, value]);
      }
      case "u": {
        const items = this.#stack.sinceMark();
        return this.#fill(this.#stack.top(), items);
      }
      default:
        return false;
    }
  }

  /** Names of Python's, calls, and what lies outside. @returns as `#container` */
  #object(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case "c":
        return this.#push(this.#world.find(`${reader.line()}.${reader.line()}`));
      case "\x93": {
        const name = this.#stack.pop();
        const module = this.#stack.pop();
        if (typeof name !== "string" || typeof module !== "string")
          throw this.#bad("expected a global's name");
        return this.#push(this.#world.find(`${module}.${name}`));
      }
      case "R":
      case "\x81": {
        const args = this.#stack.pop();
        return this.#call(this.#stack.pop(), args);
      }
      case "\x92": {
        this.#stack.pop(); // arguments by name: only opaque classes have any
        const args = this.#stack.pop();
        return this.#call(this.#stack.pop(), args);
      }
      case "b": {
        const state = this.#stack.pop();
        return this.#build(this.#stack.top(), state);
      }
      case "P":
        return this.#push(this.#world.persistent(reader.line()));
      case "Q":
        return this.#push(this.#world.persistent(this.#stack.pop()));
      default:
        return false;
    }
  }

  /** The memo, the stack, and what frames a pickle. @returns as `#container` */
  #memory(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case "0":
        this.#stack.pop();
        return true;
      case "1":
        this.#stack.sinceMark();
        return true;
      case "2":
        return this.#push(this.#stack.top());
      case "p":
        this.#stack.remember(Number(reader.decimal(reader.line())));
        return true;
      case "q":
        this.#stack.remember(reader.byte());
        return true;
      case "r":
        this.#stack.remember(reader.uint32());
        return true;
      case "\x94":
        this.#stack.remember();
        return true;
      case "g":
        this.#stack.recall(Number(reader.decimal(reader.line())));
        return true;
      case "h":
        this.#stack.recall(reader.byte());
        return true;
      case "j":
        this.#stack.recall(reader.uint32());
        return true;
      case "\x80": {
        const protocol = reader.byte();
        if (protocol > 5) throw this.#bad(`expected a pickle of protocol 0 to 5, found ${protocol}`);
        return true;
      }
      case "\x95":
        reader.uint64(); // a frame's length, a hint for reading ahead
        return true;
      default:
        return false;
    }
  }

  #push(value: PickleValue): true {
    this.#stack.push(value);
    return true;
  }

  #tuple(count: number): true {
    const items = Array.from({ length: count }, () => this.#stack.pop());
    return this.#push(items.reverse());
  }

  #append(items: readonly PickleValue[]): true {
    const list = this.#stack.top();
    if (list instanceof PickleOpaque) return true;
    if (!Array.isArray(list)) throw this.#bad("expected a list to append to, found something else");
    for (const item of items) list.push(item);
    return true;
  }

  #fill(target: PickleValue, items: readonly PickleValue[]): true {
    if (target instanceof PickleOpaque) return true;
    if (!(target instanceof PickleDict) || items.length % 2 !== 0) {
      throw this.#bad("expected a dict and pairs to fill it with, found something else");
    }
    for (let i = 0; i < items.length; i += 2) target.entries.set(items[i], items[i + 1]);
    return true;
  }

  #call(callee: PickleValue, args: PickleValue): true {
    if (callee instanceof PickleOpaque) return this.#push(callee);
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
      throw this.#bad("expected a call of a known name, found something else");
    }
    return this.#push(this.#world.call(callee.name, args));
  }

  /** An object's attributes: of no use here, and never applied. */
  #build(target: PickleValue, state: PickleValue): true {
    const isPlain = target instanceof PickleOpaque || target instanceof PickleDict;
    if (isPlain && (state === null || typeof state === "object")) return true;
    throw this.#bad(
      "expected attributes of an OrderedDict or an opaque object, found them of something else",
    );
  }

  #bad(problem: string): SenetError {
    return badCheckpoint(this.#what, problem);
  }
}
