import { sizeOf } from "../ir/shape.ts";
import type { Desc, Dnnl, Handle } from "./binding/dnnl.ts";
import type { Compiled } from "./compile.ts";
import { LINE, planMemory } from "./plan/memory-plan.ts";
import { type Call, type Operand, outermost, type Region } from "./plan/program.ts";

/** Bytes of an argument's number and its memory in a list of arguments. */
const ARGUMENT_BYTES = 16;

/** Calls with their memory: what is left to do is to run them. */
export class Program {
  readonly #dnnl: Dnnl;
  readonly #layouts: Compiled["planner"]["layouts"];
  readonly #places: ReadonlyMap<Region, number>;
  readonly #memory: ArrayBuffer;
  readonly #start: number;
  readonly #address: bigint;
  readonly #steps: readonly { readonly name: string; run(): void }[];
  readonly #lists: Uint8Array[] = [];
  readonly #memories = new Map<string, Handle>();
  readonly #descs = new Map<Desc, number>();
  /** Of all tensors together. */
  readonly bytes: number;

  constructor(dnnl: Dnnl, { planner, inputs, outputs, states }: Compiled) {
    this.#dnnl = dnnl;
    this.#layouts = planner.layouts;
    const held = [...inputs.values(), ...outputs.values(), ...states.values(), ...planner.contents.values()];
    const pinned = [...held.map(({ region }) => region), ...planner.numbers.keys()];
    const { places, bytes } = planMemory(planner.calls, pinned);
    this.#places = places;
    this.bytes = bytes;
    this.#memory = new ArrayBuffer(bytes + LINE);
    const whole = dnnl.address(new Uint8Array(this.#memory));
    this.#start = Number((BigInt(LINE) - (whole % BigInt(LINE))) % BigInt(LINE));
    this.#address = whole + BigInt(this.#start);
    for (const [region, numbers] of planner.numbers) this.#floats(region, 0, numbers.length).set(numbers);
    this.#steps = planner.calls.map((call) => ({ name: call.name, run: this.#prepared(call) }));
  }

  /** Runs every call once. */
  run(): void {
    for (const step of this.#steps) step.run();
  }

  /** Runs every call once and adds the milliseconds that each kind of call took. */
  profile(into: Map<string, number>): void {
    for (const { name, run } of this.#steps) {
      const started = performance.now();
      run();
      into.set(name, (into.get(name) ?? 0) + performance.now() - started);
    }
  }

  /** The numbers of a tensor in the order in which they lie. */
  floats({ region, offset, desc }: Operand): Float32Array {
    return this.#floats(region, offset, sizeOf(desc.dims));
  }

  /** Writes numbers, given in rows, in a tensor's own order. */
  write(operand: Operand, numbers: Float32Array): void {
    const plain = this.#layouts.plain(operand.desc.dims);
    if (this.#layouts.same(plain, operand.desc)) this.floats(operand).set(numbers);
    else this.#reorder(plain, numbers, operand, true);
  }

  /** The numbers of a tensor in rows. */
  read(operand: Operand, numbers: Float32Array): void {
    const plain = this.#layouts.plain(operand.desc.dims);
    if (this.#layouts.same(plain, operand.desc)) numbers.set(this.floats(operand));
    else this.#reorder(plain, numbers, operand, false);
  }

  #reorder(plain: Desc, numbers: Float32Array, operand: Operand, inwards: boolean): void {
    const aligned = new Uint8Array(numbers.byteLength + LINE);
    const at = this.#dnnl.address(aligned);
    const skipped = Number((BigInt(LINE) - (at % BigInt(LINE))) % BigInt(LINE));
    const rows = new Float32Array(aligned.buffer, skipped, numbers.length);
    const outside = this.#dnnl.memory(plain, at + BigInt(skipped));
    const inside = this.#memoryOf(operand);
    if (inwards) rows.set(numbers);
    const [from, to] = inwards ? [plain, operand.desc] : [operand.desc, plain];
    const primitive = this.#dnnl.primitive(this.#dnnl.reorder(from, to));
    const [src, dst] = inwards ? [outside, inside] : [inside, outside];
    this.#execution(primitive, [
      [this.#dnnl.argument("src"), src],
      [this.#dnnl.argument("dst"), dst],
    ])();
    if (!inwards) numbers.set(rows);
  }

  #prepared(call: Call): () => void {
    if (call.kind === "host") {
      const arrays = [...call.reads, ...call.writes].map((operand) => this.floats(operand));
      return () => call.run(...arrays);
    }
    const args = call.args.map(({ name, operand }): [number, Handle] => [
      this.#dnnl.argument(name),
      this.#memoryOf(operand),
    ]);
    return this.#execution(this.#dnnl.primitive(call.desc), args);
  }

  #execution(primitive: Handle, args: readonly (readonly [number, Handle])[]): () => void {
    const list = new Uint8Array(args.length * ARGUMENT_BYTES);
    const view = new DataView(list.buffer);
    for (const [i, [name, memory]] of args.entries()) {
      view.setInt32(ARGUMENT_BYTES * i, name, true);
      view.setBigUint64(ARGUMENT_BYTES * i + 8, BigInt(memory), true);
    }
    this.#lists.push(list);
    const address = this.#dnnl.address(list);
    const count = args.length;
    return () => this.#dnnl.execute(primitive, count, address);
  }

  #memoryOf({ region, offset, desc }: Operand): Handle {
    const place = this.#placeOf(region) + offset;
    const number = this.#descs.get(desc) ?? this.#descs.size;
    this.#descs.set(desc, number);
    const key = `${number} ${place}`;
    const known = this.#memories.get(key) ?? this.#dnnl.memory(desc, this.#address + BigInt(place));
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
    return new Float32Array(this.#memory, this.#start + this.#placeOf(region) + offset, count);
  }
}
