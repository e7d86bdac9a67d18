/** How often each class was taken for each: `counts[label * classes + predicted]`. */
export interface Confusion {
  readonly classes: number;
  readonly counts: Uint32Array;
}

/** @param classes at most a few thousand: the counts are their square */
export function newConfusion(classes: number): Confusion {
  return { classes, counts: new Uint32Array(classes * classes) };
}

/**
 * Counts a batch: the prediction is the largest logit, the first of equal ones.
 *
 * @param logits row-major [samples, classes]
 */
export function countBatch(
  { classes, counts }: Confusion,
  logits: Float32Array,
  labels: BigInt64Array,
): void {
  for (let i = 0; i < labels.length; i++) {
    let predicted = 0;
    for (let k = 1; k < classes; k++) {
      if (logits[i * classes + k] > logits[i * classes + predicted]) predicted = k;
    }
    counts[Number(labels[i]) * classes + predicted]++;
  }
}

/** How one class fared. */
export interface ClassResult {
  readonly images: number;
  /** How many of them were taken for each class. */
  readonly predicted: readonly number[];
  /** Share recognized, 0 to 1; NaN without images. */
  readonly top1: number;
}

/** The results of each class. */
export function classResults({ classes, counts }: Confusion): ClassResult[] {
  return Array.from({ length: classes }, (_, label) => {
    const predicted = [...counts.subarray(label * classes, (label + 1) * classes)];
    const images = predicted.reduce((sum, count) => sum + count, 0);
    return { images, predicted, top1: predicted[label] / images };
  });
}
