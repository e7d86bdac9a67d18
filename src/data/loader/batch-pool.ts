/** Normalized images and labels, ready to be fed to a graph. */
export interface Batch {
  /** float32, size × channels × height × width. */
  readonly images: Float32Array;
  /** One class index per image. */
  readonly labels: BigInt64Array;
  /** Number of images; the last batch of an epoch may be smaller. */
  readonly size: number;
}

/** Buffers kept for reuse; more are left to the garbage collector. */
const MOST_KEPT = 8;

/**
 * Buffers of batches that were handed back, so that no memory is allocated per step.
 *
 * @example const batch = pool.take(128, 3 * 32 * 32); pool.give(batch); // its arrays will be overwritten
 */
export class BatchPool {
  #kept: Batch[] = [];

  /** A batch of `size` images of `sampleLength` numbers, with arbitrary content. */
  take(size: number, sampleLength: number): Batch {
    const index = this.#kept.findIndex(
      (batch) => batch.size === size && batch.images.length === size * sampleLength,
    );
    if (index >= 0) return this.#kept.splice(index, 1)[0];
    return { images: new Float32Array(size * sampleLength), labels: new BigInt64Array(size), size };
  }

  /** Hands a batch back; the caller may not use it any more. */
  give(batch: Batch): void {
    this.#kept.push(batch);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }
}
