/** A class and how sure the network is of it. */
export interface Prediction {
  readonly label: string;
  /** Probability, 0 to 1. */
  readonly score: number;
}

/**
 * The `count` most probable classes of one image, the best first; the first of equal ones.
 *
 * @param labels one name per class
 */
export function topClasses(
  probabilities: ArrayLike<number>,
  labels: readonly string[],
  count: number,
): Prediction[] {
  return Array.from(probabilities, (score, index) => ({ label: labels[index], score }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, count);
}

/** Softmax of logits, in float64. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exponentials = values.map((logit) => Math.exp(logit - max));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
