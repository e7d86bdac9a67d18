/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * A random stream named by numbers. The same key gives the same stream, independent of what was drawn before,
 * so an epoch, a sample or a parameter can own its stream and nothing needs saving to resume exactly.
 * (SplitMix32 over a hash of the key: statistically sound for augmentation and initialization, not for secrets.)
 */
export function randomStream(...key: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const part of key) {
    state = mix(state ^ (part | 0));
    state = mix(state + Math.floor(part / 2 ** 32));
  }
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  };
}

/** 32-bit finaliser with full avalanche (the "lowbias32" constants of Chris Wellons, public domain). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Layers of equal area that cover the bell curve's right half. */
const LAYERS = 128;
/** Where the lowest layer's tail begins, and the area of each layer, for 128 layers (Doornik 2005, section 2). */
const TAIL_START = 3.442619855899;
const LAYER_AREA = 9.91256303526217e-3;

/** The layers' right ends, from the lowest (longer than its box, as it includes the tail) up to 0 at the top. */
const ends = layerEnds();

/**
 * A standard normal number, by the ziggurat method: one draw in 99 of 100 cases, no logarithm and no cosine, so that a
 * hundred million initial weights take a second or two. (Marsaglia and Tsang 2000; as corrected by Doornik 2005, "An
 * improved ziggurat method to generate normal random samples", the layer and the position in it come from different bits.)
 */
export function normal(random: Random): number {
  for (;;) {
    // 7 bits choose the layer, 25 the place from its left end to its right one; both sides of 0 are alike.
    const bits = random() * 2 ** 32;
    const layer = bits & (LAYERS - 1);
    const x = (((bits | 0) >> 7) + 0.5) * 2 ** -24 * ends[layer];
    if (Math.abs(x) < ends[layer + 1]) return x;
    if (layer === 0) return tail(x < 0, random);
    const low = bell(ends[layer]);
    if (low + random() * (bell(ends[layer + 1]) - low) < bell(x)) return x;
  }
}

/** A normal number beyond ±TAIL_START (Marsaglia 1964). */
function tail(negative: boolean, random: Random): number {
  for (;;) {
    const x = -Math.log(1 - random()) / TAIL_START;
    if (-2 * Math.log(1 - random()) >= x * x) return negative ? -TAIL_START - x : TAIL_START + x;
  }
}

function layerEnds(): Float64Array {
  const found = new Float64Array(LAYERS + 1);
  found[0] = LAYER_AREA / bell(TAIL_START);
  found[1] = TAIL_START;
  for (let i = 2; i < LAYERS; i++) {
    found[i] = Math.sqrt(-2 * Math.log(LAYER_AREA / found[i - 1] + bell(found[i - 1])));
  }
  return found;
}

/** The normal density without its factor. */
function bell(x: number): number {
  return Math.exp(-0.5 * x * x);
}

/** The numbers 0…length−1 in random order (Fisher and Yates). */
export function permutation(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
