import type { SenetError } from "../../base/errors.ts";
import { quote } from "../../files/bad-file.ts";
import { badCheckpoint } from "./bad-checkpoint.ts";
import { data } from "./pickle-datum.ts";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleReader } from "./pickle-reader.ts";
import { PickleStack } from "./pickle-stack.ts";
import { PickleDict, PickleGlobal, PickleOpaque, type PickleValue } from "./pickle-values.ts";

/** What a pickle may refer to; everything else in it is data. */
export interface PickleWorld {
  /** What becomes of a name of Python's; throws for one that is not known. */
  find(name: string): PickleGlobal | PickleOpaque;
  /** The result of a call of a known name. Nothing of the file is executed: this builds plain values. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** What lies outside the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * Reads one pickle (protocols 0 to 5, as far as data need them) without executing anything.
 *
 * Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @param bytes may go on after the pickle
 * @returns the value, and where the pickle ended
 * @throws PickleCut when `bytes` end before it
 */
export function unpickle(
  bytes: Uint8Array,
  world: PickleWorld,
  what: string,
): { value: PickleValue; end: number } {
  const reader = new PickleReader(bytes, what);
  const stack = new PickleStack(what);
  const machine: Machine = { reader, stack, world, bad: (problem) => badCheckpoint(what, problem) };
  for (let count = 0; count < pickleLimits.opcodes; count++) {
    const at = reader.position;
    const opcode = String.fromCharCode(reader.byte());
    if (opcode === ".") return { value: stack.pop(), end: reader.position };
    const datum = data.get(opcode);
    const step = steps.get(opcode);
    if (datum) stack.push(datum(reader));
    else if (step) step(machine);
    else throw machine.bad(`expected an opcode of a pickle, found ${quote(opcode)} at byte ${at}`);
  }
  throw machine.bad(`expected at most ${pickleLimits.opcodes} opcodes, found more`);
}

/** Pickle's stack machine. Its stack and the values on it are the only state. */
interface Machine {
  readonly reader: PickleReader;
  readonly stack: PickleStack;
  readonly world: PickleWorld;
  readonly bad: (problem: string) => SenetError;
}

const steps = new Map<string, (machine: Machine) => void>([
  // Lists, tuples, dicts and sets.
  ["(", ({ stack }) => stack.mark()],
  [")", ({ stack }) => stack.push([])],
  ["]", ({ stack }) => stack.push([])],
  ["\x8f", ({ stack }) => stack.push([])],
  ["}", ({ stack }) => stack.push(new PickleDict())],
  ["t", ({ stack }) => stack.push(stack.sinceMark())],
  ["l", ({ stack }) => stack.push(stack.sinceMark())],
  ["\x91", ({ stack }) => stack.push(stack.sinceMark())],
  ["\x85", ({ stack }) => stack.push(stack.take(1))],
  ["\x86", ({ stack }) => stack.push(stack.take(2))],
  ["\x87", ({ stack }) => stack.push(stack.take(3))],
  ["d", (machine) => newDict(machine)],
  ["a", (machine) => append(machine, machine.stack.take(1))],
  ["e", (machine) => append(machine, machine.stack.sinceMark())],
  ["\x90", (machine) => append(machine, machine.stack.sinceMark())],
  ["s", (machine) => fill(machine, machine.stack.take(2))],
  ["u", (machine) => fill(machine, machine.stack.sinceMark())],
  // Names of Python's, calls, and what lies outside.
  ["c", ({ stack, world, reader }) => stack.push(world.find(`${reader.line()}.${reader.line()}`))],
  ["\x93", (machine) => pushGlobal(machine)],
  ["R", (machine) => call(machine, machine.stack.take(2))],
  ["\x81", (machine) => call(machine, machine.stack.take(2))],
  // The third are arguments by name: only opaque classes have any.
  ["\x92", (machine) => call(machine, machine.stack.take(3))],
  ["b", (machine) => build(machine)],
  ["P", ({ stack, world, reader }) => stack.push(world.persistent(reader.line()))],
  ["Q", ({ stack, world }) => stack.push(world.persistent(stack.pop()))],
  // The memo, the stack, and what frames a pickle.
  ["0", ({ stack }) => stack.pop()],
  ["1", ({ stack }) => stack.sinceMark()],
  ["2", ({ stack }) => stack.push(stack.top())],
  ["p", ({ stack, reader }) => stack.remember(Number(reader.decimal(reader.line())))],
  ["q", ({ stack, reader }) => stack.remember(reader.byte())],
  ["r", ({ stack, reader }) => stack.remember(reader.uint32())],
  ["\x94", ({ stack }) => stack.remember()],
  ["g", ({ stack, reader }) => stack.recall(Number(reader.decimal(reader.line())))],
  ["h", ({ stack, reader }) => stack.recall(reader.byte())],
  ["j", ({ stack, reader }) => stack.recall(reader.uint32())],
  ["\x80", (machine) => checkProtocol(machine)],
  // A frame's length, a hint for reading ahead.
  ["\x95", ({ reader }) => reader.uint64()],
]);

function newDict(machine: Machine): void {
  const items = machine.stack.sinceMark();
  machine.stack.push(new PickleDict());
  fill(machine, items);
}

function append({ stack, bad }: Machine, items: readonly PickleValue[]): void {
  const list = stack.top();
  if (list instanceof PickleOpaque) return;
  if (!Array.isArray(list)) throw bad("expected a list to append to, found something else");
  for (const item of items) list.push(item);
}

/** Puts pairs, a key before its value, into the dict at the top. */
function fill({ stack, bad }: Machine, items: readonly PickleValue[]): void {
  const target = stack.top();
  if (target instanceof PickleOpaque) return;
  if (!(target instanceof PickleDict) || items.length % 2 !== 0) {
    throw bad("expected a dict and pairs to fill it with, found something else");
  }
  for (let i = 0; i < items.length; i += 2) target.entries.set(items[i], items[i + 1]);
}

function pushGlobal({ stack, world, bad }: Machine): void {
  const [module, name] = stack.take(2);
  if (typeof name !== "string" || typeof module !== "string")
    throw bad("expected a global's name, found something else");
  stack.push(world.find(`${module}.${name}`));
}

function call({ stack, world, bad }: Machine, [callee, args]: readonly PickleValue[]): void {
  if (callee instanceof PickleOpaque) {
    stack.push(callee);
    return;
  }
  if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
    throw bad("expected a call of a known name, found something else");
  }
  stack.push(world.call(callee.name, args));
}

/** An object's attributes: of no use here, and never applied. */
function build({ stack, bad }: Machine): void {
  const state = stack.pop();
  const target = stack.top();
  const isPlain = target instanceof PickleOpaque || target instanceof PickleDict;
  if (isPlain && (state === null || typeof state === "object")) return;
  throw bad("expected attributes of an OrderedDict or an opaque object, found them of something else");
}

function checkProtocol({ reader, bad }: Machine): void {
  const protocol = reader.byte();
  if (protocol > 5) throw bad(`expected a pickle of protocol 0 to 5, found ${protocol}`);
}
