import type { Argument, Desc, PrimitiveDesc } from "../binding/dnnl.ts";

/** Memory that calls read and write. Where it lies is decided when all calls are known. */
export interface Region {
  /** May grow until the memory is planned: two orders of one value may take different room. */
  bytes: number;
  /** Keeps its content from one run to the next, and its place. */
  pinned: boolean;
  /** Lies inside another region, from this byte on. */
  inside?: { readonly region: Region; readonly offset: number };
}

/** A tensor in a region. */
export interface Operand {
  readonly region: Region;
  /** Bytes before it. */
  readonly offset: number;
  readonly desc: Desc;
}

/** One primitive on certain memory. */
export interface PrimitiveCall {
  readonly kind: "primitive";
  /** What it does, for profiles. */
  readonly name: string;
  readonly desc: PrimitiveDesc;
  readonly args: readonly CallArgument[];
}

export interface CallArgument {
  readonly name: Argument;
  readonly operand: Operand;
  readonly written: boolean;
  /** Whether the result may take its memory when nothing reads it later. */
  readonly reusable: boolean;
}

/** A few numbers that are computed in JavaScript. */
export interface HostCall {
  readonly kind: "host";
  readonly name: string;
  readonly reads: readonly Operand[];
  readonly writes: readonly Operand[];
  /** Gets the numbers of `reads`, then those of `writes`. */
  run(...arrays: Float32Array[]): void;
}

export type Call = PrimitiveCall | HostCall;

export function newRegion(bytes: number, pinned = false): Region {
  return { bytes, pinned };
}

/** What a call reads or writes. */
export function operandsOf(call: Call): { readonly operand: Operand; readonly written: boolean }[] {
  if (call.kind === "primitive") return [...call.args];
  return [
    ...call.reads.map((operand) => ({ operand, written: false })),
    ...call.writes.map((operand) => ({ operand, written: true })),
  ];
}

/** The region that holds a region, itself perhaps, and where in it. */
export function outermost(region: Region): { readonly region: Region; readonly offset: number } {
  if (region.inside === undefined) return { region, offset: 0 };
  const outer = outermost(region.inside.region);
  return { region: outer.region, offset: outer.offset + region.inside.offset };
}
