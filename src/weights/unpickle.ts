import { SenetError } from "../errors.ts";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleReader } from "./pickle-reader.ts";
import { PickleDict, PickleGlobal, PickleOpaque, type PickleValue } from "./pickle-values.ts";
import { quote } from "./weights-file.ts";

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
  const machine = new Machine(new PickleReader(bytes, what), world, what);
  return { value: machine.run(), end: machine.position };
}

/** Marks where the elements of a container begin on the stack. */
const MARK = Symbol("mark");

type Slot = PickleValue | typeof MARK;

/** Pickle's stack machine. Its stack, memo and values are the only state. */
class Machine {
  readonly #reader: PickleReader;
  readonly #world: PickleWorld;
  readonly #what: string;
  readonly #stack: Slot[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(reader: PickleReader, world: PickleWorld, what: string) {
    this.#reader = reader;
    this.#world = world;
    this.#what = what;
  }

  get position(): number {
    return this.#reader.position;
  }

  run(): PickleValue {
    for (let count = 0; count < pickleLimits.opcodes; count++) {
      const at = this.#reader.position;
      const opcode = String.fromCharCode(this.#reader.byte());
      if (opcode === ".") return this.#pop();
      if (!this.#data(opcode) && !this.#container(opcode) && !this.#object(opcode) && !this.#memory(opcode)) {
        throw this.#bad(`expected an opcode of a pickle, found ${quote(opcode)} at byte ${at}`);
      }
    }
    throw this.#bad(`expected at most ${pickleLimits.opcodes} opcodes, found more`);
  }

  /** Numbers and text. @returns whether the opcode is one of these */
  #data(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case "N":
        return this.#push(null);
      case "\x88":
        return this.#push(true);
      case "\x89":
        return this.#push(false);
      case "I": {
        const line = reader.line();
        return this.#push(line === "01" ? true : line === "00" ? false : reader.decimal(line));
      }
      case "L":
        return this.#push(reader.decimal(reader.line().replace(/L$/, "")));
      case "F":
        return this.#push(Number(reader.line()));
      case "J":
        return this.#push(reader.int32());
      case "K":
        return this.#push(reader.byte());
      case "M":
        return this.#push(reader.uint16());
      case "\x8a":
        return this.#push(reader.long(reader.byte()));
      case "\x8b":
        return this.#push(reader.long(reader.uint32()));
      case "G":
        return this.#push(reader.float64());
      case "X":
        return this.#push(reader.text(reader.uint32()));
      case "\x8c":
        return this.#push(reader.text(reader.byte()));
      case "\x8d":
        return this.#push(reader.text(reader.uint64()));
      case "V":
        return this.#push(reader.line());
      case "S":
        return this.#push(reader.line().replace(/^(['"])(.*)\1$/s, "$2"));
      // Python 2's strings: names in its checkpoints are of this kind.
      case "U":
        return this.#push(reader.text(reader.byte()));
      case "T":
        return this.#push(reader.text(reader.uint32()));
      case "C":
        return this.#push(reader.bytes(reader.byte()));
      case "B":
        return this.#push(reader.bytes(reader.uint32()));
      case "\x8e":
      case "\x96":
        return this.#push(reader.bytes(reader.uint64()));
      default:
        return false;
    }
  }

  /** Lists, tuples, dicts and sets. */
  #container(opcode: string): boolean {
    switch (opcode) {
      case "(":
        return this.#mark();
      case ")":
      case "]":
      case "\x8f":
        return this.#push([]);
      case "}":
        return this.#push(new PickleDict());
      case "t":
      case "l":
      case "\x91":
        return this.#push(this.#sinceMark());
      case "\x85":
        return this.#tuple(1);
      case "\x86":
        return this.#tuple(2);
      case "\x87":
        return this.#tuple(3);
      case "d": {
        const items = this.#sinceMark();
        const dict = new PickleDict();
        this.#fill(dict, items);
        return this.#push(dict);
      }
      case "a":
        return this.#append([this.#pop()]);
      case "e":
      case "\x90":
        return this.#append(this.#sinceMark());
      case "s": {
        const value = this.#pop();
        const key = this.#pop();
        return this.#fill(this.#top(), [key, value]);
      }
      case "u": {
        const items = this.#sinceMark();
        return this.#fill(this.#top(), items);
      }
      default:
        return false;
    }
  }

  /** Names of Python's, calls, and what lies outside. */
  #object(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case "c":
        return this.#push(this.#world.find(`${reader.line()}.${reader.line()}`));
      case "\x93": {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== "string" || typeof module !== "string")
          throw this.#bad("expected a global's name");
        return this.#push(this.#world.find(`${module}.${name}`));
      }
      case "R":
      case "\x81": {
        const args = this.#pop();
        return this.#call(this.#pop(), args);
      }
      case "\x92": {
        this.#pop(); // arguments by name: only opaque classes have any
        const args = this.#pop();
        return this.#call(this.#pop(), args);
      }
      case "b": {
        const state = this.#pop();
        return this.#build(this.#top(), state);
      }
      case "P":
        return this.#push(this.#world.persistent(reader.line()));
      case "Q":
        return this.#push(this.#world.persistent(this.#pop()));
      default:
        return false;
    }
  }

  /** The memo, the stack, and what frames a pickle. */
  #memory(opcode: string): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case "0":
        this.#pop();
        return true;
      case "1":
        this.#sinceMark();
        return true;
      case "2":
        return this.#push(this.#top());
      case "p":
        return this.#remember(Number(reader.decimal(reader.line())));
      case "q":
        return this.#remember(reader.byte());
      case "r":
        return this.#remember(reader.uint32());
      case "\x94":
        return this.#remember(this.#memo.size);
      case "g":
        return this.#recall(Number(reader.decimal(reader.line())));
      case "h":
        return this.#recall(reader.byte());
      case "j":
        return this.#recall(reader.uint32());
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
    if (this.#stack.length >= pickleLimits.stack) {
      throw this.#bad(`expected at most ${pickleLimits.stack} values at once, found more`);
    }
    this.#stack.push(value);
    return true;
  }

  #mark(): true {
    if (this.#marks.length >= pickleLimits.depth) {
      throw this.#bad(`expected at most ${pickleLimits.depth} containers in each other, found more`);
    }
    this.#marks.push(this.#stack.length);
    this.#stack.push(MARK);
    return true;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#bad("expected a value on the stack, found none");
    return value;
  }

  #sinceMark(): PickleValue[] {
    const at = this.#marks.pop();
    if (at === undefined) throw this.#bad("expected the beginning of a container, found none");
    // A mark is above all older ones, so nothing after it is one.
    return this.#stack.splice(at).slice(1) as PickleValue[];
  }

  #tuple(count: number): true {
    const items = Array.from({ length: count }, () => this.#pop());
    return this.#push(items.reverse());
  }

  #append(items: readonly PickleValue[]): true {
    const list = this.#top();
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

  #remember(index: number): true {
    if (this.#memo.size >= pickleLimits.memo) {
      throw this.#bad(`expected at most ${pickleLimits.memo} remembered values, found more`);
    }
    this.#memo.set(index, this.#top());
    return true;
  }

  #recall(index: number): true {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#bad(`expected remembered value ${index}, found none`);
    return this.#push(value);
  }

  #bad(problem: string): SenetError {
    return new SenetError(
      "file",
      `${this.#what}: ${problem}; the file is damaged or no PyTorch checkpoint, get it again.`,
    );
  }
}
