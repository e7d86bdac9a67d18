import { SenetError } from "../base/errors.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Desc, Dnnl, Handle } from "./binding/dnnl.ts";
import type { Compiled } from "./compile.ts";
import { LINE, planMemory } from "./plan/memory-plan.ts";
import { type Call, type Operand, outermost, type Region } from "./plan/program.ts";

/** Bytes of an argument's number and its memory in a list of arguments. */
const ARGUMENT_BYTES = 16;

/** One call, ready to run. */
interface Step {
  readonly name: string;
  readonly kernel: string;
  /** Its arguments, which oneDNN reads by their address: held, so that they stay there. */
  readonly list?: Uint8Array;
  run(): void;
}

/** Memory that begins at a multiple of a cache line. */
interface AlignedMemory {
  readonly buffer: ArrayBuffer;
  /** Bytes before the first line. */
  readonly start: number;
  /** Of the first line. */
  readonly address: bigint;
}

function alignedMemory(dnnl: Dnnl, bytes: number): AlignedMemory {
  const buffer = new ArrayBuffer(bytes + LINE);
  const address = dnnl.address(new Uint8Array(buffer));
  const start = (LINE - Number(address % BigInt(LINE))) % LINE;
  return { buffer, start, address: address + BigInt(start) };
}

/** oneDNN reads and writes by addresses, without a look at where an array ends. */
function checkSize({ desc }: Operand, numbers: Float32Array): void {
  if (numbers instanceof Float32Array && numbers.length === sizeOf(desc.dims)) return;
  throw new SenetError(
    "shape",
    `oneDNN: expected ${sizeOf(desc.dims)} numbers in float32 for [${desc.dims.join(", ")}], found ${numbers.length}; give all of them.`,
  );
}

/** Calls with their memory: what is left to do is to run them. */
export class Program {
  readonly #dnnl: Dnnl;
  readonly #layouts: Compiled["planner"]["layouts"];
  readonly #places: ReadonlyMap<Region, number>;
  readonly #memory: AlignedMemory;
  readonly #steps: readonly Step[];
  readonly #memories = new Map<string, Handle>();
  readonly #descs = new Map<Desc, number>();
  /** Of all tensors together. */
  readonly bytes: number;

  constructor(
    dnnl: Dnnl,
    { planner, inputs, outputs, states }: Compiled,
    available = Number.POSITIVE_INFINITY,
  ) {
    this.#dnnl = dnnl;
    this.#layouts = planner.layouts;
    const held = [...inputs.values(), ...outputs.values(), ...states.values(), ...planner.contents.values()];
    const pinned = [...held.map(({ region }) => region), ...planner.numbers.keys()];
    const { places, bytes } = planMemory(planner.calls, pinned);
    if (bytes > available) {
      const [needed, free] = [bytes, available].map((count) => (count / 2 ** 30).toFixed(1));
      throw new RangeError(`out of memory: ${needed} GiB are needed, ${free} GiB are free`);
    }
    this.#places = places;
    this.bytes = bytes;
    this.#memory = alignedMemory(dnnl, bytes);
    for (const [region, numbers] of planner.numbers) this.#floats(region, 0, numbers.length).set(numbers);
    this.#steps = planner.calls.map((call) => ({
      name: call.name,
      kernel: call.kind === "host" ? "JavaScript" : call.desc.kernel,
      ...this.#prepared(call),
    }));
  }

  /** Runs every call once. */
  run(): void {
    for (const step of this.#steps) step.run();
  }

  /** Runs every call once: what each was for, the kernel that computed it, and the milliseconds that it took. */
  profile(): { readonly name: string; readonly kernel: string; readonly ms: number }[] {
    return this.#steps.map(({ name, kernel, run }) => {
      const started = performance.now();
      run();
      return { name, kernel, ms: performance.now() - started };
    });
  }

  /** The numbers of a tensor in the order in which they lie. */
  floats({ region, offset, desc }: Operand): Float32Array {
    return this.#floats(region, offset, sizeOf(desc.dims));
  }

  /** Writes numbers, given in rows, in a tensor's own order. */
  write(operand: Operand, numbers: Float32Array): void {
    checkSize(operand, numbers);
    const plain = this.#layouts.plain(operand.desc.dims);
    if (this.#layouts.same(plain, operand.desc)) this.floats(operand).set(numbers);
    else this.#reorder(plain, numbers, operand, true);
  }

  /** The numbers of a tensor in rows. */
  read(operand: Operand, numbers: Float32Array): void {
    checkSize(operand, numbers);
    const plain = this.#layouts.plain(operand.desc.dims);
    if (this.#layouts.same(plain, operand.desc)) numbers.set(this.floats(operand));
    else this.#reorder(plain, numbers, operand, false);
  }

  #reorder(plain: Desc, numbers: Float32Array, operand: Operand, inwards: boolean): void {
    const inside = this.#memoryOf(operand);
    const memory = alignedMemory(this.#dnnl, numbers.byteLength);
    const rows = new Float32Array(memory.buffer, memory.start, numbers.length);
    if (inwards) rows.set(numbers);
    this.#dnnl.temporarily(() => {
      const outside = this.#dnnl.memory(plain, memory.address);
      const [from, to] = inwards ? [plain, operand.desc] : [operand.desc, plain];
      const [src, dst] = inwards ? [outside, inside] : [inside, outside];
      const primitive = this.#dnnl.primitive(this.#dnnl.reorder(from, to));
      this.#execution(primitive, [
        [this.#dnnl.argument("src"), src],
        [this.#dnnl.argument("dst"), dst],
      ]).run();
    });
    if (!inwards) numbers.set(rows);
  }

  #prepared(call: Call): Omit<Step, "name" | "kernel"> {
    if (call.kind === "host") {
      const arrays = [...call.reads, ...call.writes].map((operand) => this.floats(operand));
      return { run: () => call.run(...arrays) };
    }
    const args = call.args.map(({ name, operand }): [number, Handle] => [
      this.#dnnl.argument(name),
      this.#memoryOf(operand),
    ]);
    return this.#execution(this.#dnnl.primitive(call.desc), args);
  }

  #execution(primitive: Handle, args: readonly (readonly [number, Handle])[]): Omit<Step, "name" | "kernel"> {
    const list = new Uint8Array(args.length * ARGUMENT_BYTES);
    const view = new DataView(list.buffer);
    for (const [i, [name, memory]] of args.entries()) {
      view.setInt32(ARGUMENT_BYTES * i, name, true);
      view.setBigUint64(ARGUMENT_BYTES * i + 8, BigInt(memory), true);
    }
    const address = this.#dnnl.address(list);
    return { list, run: () => this.#dnnl.execute(primitive, args.length, address) };
  }

  #memoryOf({ region, offset, desc }: Operand): Handle {
    const place = this.#placeOf(region) + offset;
    const number = this.#descs.get(desc) ?? this.#descs.size;
    this.#descs.set(desc, number);
    const key = `${number} ${place}`;
    const known = this.#memories.get(key) ?? this.#dnnl.memory(desc, this.#memory.address + BigInt(place));
    this.#memories.set(key, known);
    return known;
  }

  #placeOf(inner: Region): number {
    const { region, offset } = outermost(inner);
    const place = this.#places.get(region);
    if (place === undefined) throw new Error("A tensor has no place in memory.");
    return place + offset;
  }

  #floats(region: Region, offset: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#memory.start + this.#placeOf(region) + offset, count);
  }
}
