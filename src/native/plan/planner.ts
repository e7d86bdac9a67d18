import { SenetError } from "../../base/errors.ts";
import { describe, type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import type { Argument, Desc, Dnnl, PrimitiveDesc } from "../binding/dnnl.ts";
import { type Layout, Layouts } from "./layouts.ts";
import { type Call, newRegion, type Operand, type Region } from "./program.ts";

/** Numbers up to which one of oneDNN's slow kernels is taken where it has no quick one: a millisecond at most. */
const FEW = 1 << 14;

/** Arguments of a primitive that it writes. */
const results: ReadonlySet<Argument> = new Set([
  "dst",
  "diffSrc",
  "diffWeights",
  "diffBias",
  "diffScale",
  "diffShift",
]);

/** Arguments by name; the workspace and statistics are written by some primitives. */
export type Args = { readonly [name in Argument]?: Operand | undefined };

/** What else is known of a call. */
export interface CallOptions {
  readonly name?: string;
  /** Arguments that this primitive writes, though others read them. */
  readonly alsoWritten?: readonly Argument[];
  /** Arguments whose memory the result may take when nothing reads them later. */
  readonly reuses?: readonly Argument[] | "all";
}

/** What a graph's nodes become: calls, and the memory that they use. */
export class Planner {
  readonly dnnl: Dnnl;
  readonly graph: Graph;
  readonly uses: Uses;
  readonly layouts: Layouts;
  readonly calls: Call[] = [];
  /** Content that memory has before the first run. */
  readonly contents = new Map<Value, Operand>();
  readonly #stored = new Map<Value, Operand>();
  readonly #copies = new Map<Value, Operand[]>();
  readonly #beside = new Map<Desc, Map<Value | number, Operand>>();
  readonly #constants = new Map<string, Operand>();
  readonly #primitives = new Map<string, PrimitiveDesc>();
  readonly #numbers = new Map<Desc, number>();
  /** Where values are to be put that have a place already. */
  readonly targets = new Map<Value, Operand>();
  /** Contents of constants that are no values of the graph. */
  readonly numbers = new Map<Region, Float32Array>();
  readonly #states: ReadonlySet<Value>;
  #name = "";

  /** @param states inputs that keep their content from run to run */
  constructor(dnnl: Dnnl, graph: Graph, states: Iterable<Value> = []) {
    this.#states = new Set(states);
    this.dnnl = dnnl;
    this.graph = graph;
    this.uses = usesOf(graph);
    this.layouts = new Layouts(dnnl);
  }

  /** Names the calls that follow. */
  at({ op, scope }: Node): void {
    this.#name = `${op}${scope === "" ? "" : ` ${scope}`}`;
  }

  /** Where a value is, in any layout. */
  find(value: Value): Operand {
    const known = this.#stored.get(value);
    if (known) return known;
    if (value.producer !== undefined) {
      throw new SenetError(
        "engine",
        `oneDNN: expected ${describe(value)} to be computed before it is read, found it is not; choose \`engine\` onnxruntime, and report this as a defect of senet.`,
      );
    }
    // Fed or stored: a place of its own in rows, until a layer that reads it first chose another order (`home`).
    return this.home(value, this.layouts.plain(dimsOf(value)));
  }

  /** Whether a value is stored, or kept from run to run; what is fed for each run comes in rows. */
  isKept(value: Value): boolean {
    return value.producer === undefined && (this.uses.isStored(value) || this.#states.has(value));
  }

  /** Whether a value has a place already. */
  has(value: Value): boolean {
    return this.#stored.has(value);
  }

  /** Gives something that is fed or stored its place and order; what has one keeps it. */
  home(value: Value, desc: Desc): Operand {
    const known = this.#stored.get(value);
    if (known) return known;
    const operand = { region: newRegion(desc.bytes, true), offset: 0, desc };
    this.#stored.set(value, operand);
    this.contents.set(value, operand);
    return operand;
  }

  /** A value in a certain order; reordered, once, where it lies in another. */
  read(value: Value, desc: Desc): Operand {
    const found = this.find(value);
    if (this.layouts.same(found.desc, desc)) return { ...found, desc };
    const copies = this.#copies.get(value) ?? [];
    const known = copies.find((copy) => this.layouts.same(copy.desc, desc));
    if (known) return { ...known, desc };
    const copy = this.reordered(this.#underSizes(found, desc), desc);
    this.#copies.set(value, [...copies, copy]);
    return copy;
  }

  /** The same numbers, in rows, where a primitive counts the sizes in another way (weights by groups). */
  #underSizes(found: Operand, { dims }: Desc): Operand {
    if (String(found.desc.dims) === String(dims)) return found;
    if (sizeOf(found.desc.dims) !== sizeOf(dims)) {
      throw new SenetError(
        "engine",
        `oneDNN: expected [${dims}], found [${found.desc.dims}]; this is a defect of senet.`,
      );
    }
    return { ...this.inOrder(found, this.layouts.plain(found.desc.dims)), desc: this.layouts.plain(dims) };
  }

  /** A second input as a result's order wants it, made once. */
  remembered(value: Value | number, desc: Desc, make: () => Operand): Operand {
    const known = this.#beside.get(desc)?.get(value);
    if (known) return known;
    const made = make();
    const others = this.#beside.get(desc) ?? new Map<Value | number, Operand>();
    this.#beside.set(desc, others.set(value, made));
    return made;
  }

  /** A value in rows, under other sizes perhaps. */
  rows(value: Value, dims: readonly number[] = dimsOf(value)): Operand {
    const found = this.read(value, this.layouts.plain(dimsOf(value)));
    return { ...found, desc: this.layouts.plain(dims) };
  }

  /** The layout in which a value lies. */
  layoutOf(value: Value): Layout {
    return this.layouts.layoutOf(this.find(value).desc);
  }

  /** A fresh place for a value. */
  result(value: Value, desc: Desc): Operand {
    return this.give(value, this.targets.get(value) ?? this.temporary(desc));
  }

  /** Says where a value is. */
  give(value: Value, operand: Operand): Operand {
    this.#stored.set(value, operand);
    return operand;
  }

  temporary(desc: Desc): Operand {
    return { region: newRegion(desc.bytes), offset: 0, desc };
  }

  /** Numbers that never change. */
  constant(dims: readonly number[], number: number): Operand {
    const key = `${dims} ${number}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const desc = this.layouts.plain(dims);
    const operand = { region: newRegion(desc.bytes, true), offset: 0, desc };
    this.numbers.set(operand.region, new Float32Array(sizeOf(dims)).fill(number));
    this.#constants.set(key, operand);
    return operand;
  }

  /** The same numbers in another order: under its name where they lie so already. */
  inOrder(from: Operand, desc: Desc): Operand {
    return this.layouts.same(from.desc, desc) ? { ...from, desc } : this.reordered(from, desc);
  }

  reordered(from: Operand, desc: Desc): Operand {
    const to = this.temporary(desc);
    this.reorder(from, to);
    return to;
  }

  reorder(from: Operand, to: Operand): void {
    const primitive = this.once("reorder", [from.desc, to.desc], () => this.dnnl.reorder(from.desc, to.desc));
    this.call(primitive, { src: from, dst: to }, { name: `reorder of ${this.#name}` });
  }

  /** A primitive that was made before with the same descriptors and constants. */
  once(kind: string, parts: readonly unknown[], make: () => PrimitiveDesc): PrimitiveDesc {
    const key = `${kind} ${parts.map((part) => this.#keyOf(part)).join(" ")}`;
    const known = this.#primitives.get(key) ?? make();
    this.#primitives.set(key, known);
    return known;
  }

  call(desc: PrimitiveDesc, args: Args, options: CallOptions = {}): void {
    const { name = this.#name, alsoWritten = [], reuses = [] } = options;
    const list = Object.entries(args).flatMap(([key, operand]) => {
      const argument = key as Argument;
      if (operand === undefined) return [];
      const written = results.has(argument) || alsoWritten.includes(argument);
      // Slow kernels read arguments again after they have written the result.
      const inPlace = !desc.kernel.startsWith("ref") && (reuses === "all" || reuses.includes(argument));
      const reusable = !written && inPlace;
      return [{ name: argument, operand, written, reusable }];
    });
    this.calls.push({ kind: "primitive", name, desc, args: list });
  }

  /** Computes a few numbers in JavaScript. All operands lie in rows. */
  host(
    reads: readonly Operand[],
    writes: readonly Operand[],
    run: (...arrays: Float32Array[]) => void,
  ): void {
    this.calls.push({ kind: "host", name: this.#name, reads, writes, run });
  }

  /** Whether a kernel is too slow for so many numbers. */
  isSlow({ kernel }: PrimitiveDesc, dims: readonly number[]): boolean {
    return kernel.startsWith("ref") && sizeOf(dims) > FEW;
  }

  #keyOf(part: unknown): string {
    if (typeof part !== "object" || part === null || !("raw" in part)) return JSON.stringify(part) ?? "-";
    const desc = part as Desc;
    const number = this.#numbers.get(desc) ?? this.#numbers.size;
    this.#numbers.set(desc, number);
    return `#${number}`;
  }
}

/** Sizes as oneDNN takes them: a scalar is a vector of one number. */
export function dimsOf(value: Value): readonly number[] {
  const shape = knownShape(value);
  return shape.length === 0 ? [1] : shape;
}

/** The one number that a stored scalar holds. */
export function storedNumber(uses: Uses, value: Value | null | undefined): number | undefined {
  if (!uses.isStored(value) || value.tensor.data.length !== 1 || value.dtype === "float16") return undefined;
  return Number((value.tensor as Tensor).data[0]);
}

/** Whether a value is a map [N,C,H,W] of more than one pixel. */
export function isMap(value: Value): boolean {
  const { shape } = value;
  return shape.length === 4 && Number(shape[2]) * Number(shape[3]) > 1;
}

/** Whether a value is [N,C,1,1]. */
export function isPooled(value: Value): boolean {
  return value.shape.length === 4 && !isMap(value);
}
