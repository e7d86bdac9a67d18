/** Something with a price and a value. */
export interface Offer {
  readonly cost: number;
  readonly value: number;
}

/**
 * Which offers no other one beats: none is at least as cheap and at least as good, and better in one of the two. What is not a number is
 * never among them.
 *
 * @returns one answer for each offer
 */
export function paretoFront(offers: readonly Offer[]): boolean[] {
  return offers.map(
    (one) =>
      Number.isFinite(one.cost) && Number.isFinite(one.value) && !offers.some((other) => beats(other, one)),
  );
}

function beats(a: Offer, b: Offer): boolean {
  return a.cost <= b.cost && a.value >= b.value && (a.cost < b.cost || a.value > b.value);
}
