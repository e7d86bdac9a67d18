import { type Call, operandsOf, outermost, type Region } from "./program.ts";

/** Multiple at which tensors begin: a cache line. */
export const LINE = 64;

/** Where every outermost region lies, in bytes from the start of one piece of memory. */
export interface MemoryPlan {
  readonly places: ReadonlyMap<Region, number>;
  /** Of the whole piece. */
  readonly bytes: number;
}

interface Life {
  readonly region: Region;
  readonly bytes: number;
  readonly from: number;
  to: number;
}

/**
 * Gives each region a place: pinned ones one after the other, then the others so that two lie in the same place only when they do not live at the same
 * time, from the call that first uses them to the one that last does. The largest are placed first, each at the lowest place that is free
 * for its whole life.
 *
 * @param pinned regions that have a place even if no call uses them
 */
export function planMemory(calls: readonly Call[], pinned: Iterable<Region>): MemoryPlan {
  const places = new Map<Region, number>();
  let bytes = 0;
  const lives = livesOf(calls);
  const taken = takeOver(calls, lives);
  for (const region of [...pinned, ...lives.keys()].map((inner) => outermost(inner).region)) {
    if (!region.pinned || places.has(region)) continue;
    places.set(region, bytes);
    bytes += aligned(region.bytes);
  }
  const pinnedBytes = bytes;
  const placed: (Life & { place: number })[] = [];
  const passing = [...lives.values()].filter(({ region }) => !region.pinned && !taken.has(region));
  for (const life of passing.sort((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    const neighbours = placed.filter(({ from, to }) => from <= life.to && life.from <= to);
    let place = pinnedBytes;
    for (const other of neighbours.sort((a, b) => a.place - b.place)) {
      if (place + life.bytes <= other.place) break;
      place = Math.max(place, other.place + other.bytes);
    }
    placed.push({ ...life, place });
    places.set(life.region, place);
    bytes = Math.max(bytes, place + life.bytes);
  }
  for (const [region, from] of taken) places.set(region, places.get(from) ?? 0);
  return { places, bytes };
}

/** Results that take the memory of an argument which nothing reads later, in the order of the calls: result → what it takes in the end. */
function takeOver(calls: readonly Call[], lives: ReadonlyMap<Region, Life>): Map<Region, Region> {
  const taken = new Map<Region, Region>();
  for (const [i, call] of calls.entries()) {
    if (call.kind === "host") continue;
    const written = call.args.find(({ written }) => written);
    const to = written && lives.get(outermost(written.operand.region).region);
    if (!to || to.region.pinned || to.from !== i || taken.has(to.region)) continue;
    for (const { operand, reusable } of call.args) {
      const { region } = outermost(operand.region);
      const from = lives.get(taken.get(region) ?? region);
      // What is repeated along axes, or lies in another order, is read again.
      const fits = operand.desc === written.operand.desc && from?.bytes === to.bytes;
      if (!reusable || !fits || from.region.pinned || from.to !== i) continue;
      taken.set(to.region, from.region);
      from.to = to.to;
      break;
    }
  }
  return taken;
}

function livesOf(calls: readonly Call[]): Map<Region, Life> {
  const lives = new Map<Region, Life>();
  for (const [i, call] of calls.entries()) {
    for (const { operand } of operandsOf(call)) {
      const { region } = outermost(operand.region);
      const known = lives.get(region);
      if (known) known.to = i;
      else lives.set(region, { region, bytes: aligned(region.bytes), from: i, to: i });
    }
  }
  return lives;
}

export function aligned(bytes: number): number {
  return Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
}
