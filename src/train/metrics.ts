/** Sums over evaluated samples. */
export interface Tally {
  samples: number;
  loss: number;
  top1: number;
  top5: number;
}

/**
 * Adds a batch to a tally: cross-entropy (no smoothing) and whether the label has the largest logit, or one of the five largest.
 * Ties count against the network, so that constant logits do not look like knowledge.
 *
 * @param logits row-major [samples, classes]
 */
export function tallyBatch(tally: Tally, logits: Float32Array, labels: BigInt64Array): void {
  const classes = logits.length / labels.length;
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const label = Number(labels[i]);
    const own = row[label];
    let notBelow = -1; // the label itself is not below itself
    let max = Number.NEGATIVE_INFINITY;
    for (const logit of row) {
      if (!(logit < own)) notBelow++;
      if (logit > max) max = logit;
    }
    let sum = 0;
    for (const logit of row) sum += Math.exp(logit - max);
    tally.loss += max + Math.log(sum) - own;
    if (notBelow < 1) tally.top1++;
    if (notBelow < 5) tally.top5++;
  }
  tally.samples += labels.length;
}

/** Means of a tally: loss in nats, accuracies between 0 and 1. */
export interface Metrics {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

export function newTally(): Tally {
  return { samples: 0, loss: 0, top1: 0, top5: 0 };
}

export function metricsOf({ samples, loss, top1, top5 }: Tally): Metrics {
  return { loss: loss / samples, top1: top1 / samples, top5: top5 / samples };
}
