/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * A random stream named by numbers. The same key gives the same stream, whatever was drawn before,
 * so an epoch, a sample or a parameter can own its stream and nothing needs saving to resume exactly.
 * (SplitMix32 over a hash of the key: statistically sound for augmentation and initialisation, not for secrets.)
 *
 * @example const random = randomStream(seed, epoch, index); random(); // always the same number
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

/** A standard normal number (Box and Muller, 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
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
