import type { Fit } from "../images/fit-image.ts";

/** Where samples come from: what a person names on the command line. */
export interface DataSource {
  /** A path (IDX or CIFAR folder, parquet file or folder, folder per class) or the name of an embedded set. */
  readonly path: string;
  /** `test` also finds what is called `val`, `validation`, `valid` or `t10k`. */
  readonly split: "train" | "test";
  /**
   * Image folders and parquet only: how every image is resized and cropped. Default: to squares of 64 pixels for image
   * folders; for parquet, the size that all images must share.
   */
  readonly fit?: Fit | undefined;
  /** Image folders only: leave out files that do not decode, and list them in `Dataset.skipped`. */
  readonly skipBad?: boolean | undefined;
  /** Maximum number of samples: the first of a fixed random order, so that a smaller limit gives a subset of a larger one's. Default: all. */
  readonly limit?: number | undefined;
}

/** A file that was left out, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What is known of a data set without its pixels; plain data, so it crosses threads. */
export interface DatasetInfo {
  readonly name: string;
  readonly split: "train" | "test";
  readonly classes: readonly string[];
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number];
  /** Number of samples. */
  readonly length: number;
  /** Files that were left out because they did not decode. */
  readonly skipped: readonly SkippedFile[];
}

/** What a loader knows of a split that it holds open. */
export interface LoadedInfo extends DatasetInfo {
  /** Of the labels in their order, to check whether data elsewhere is the same. */
  readonly labelHash: string;
}

/** Labelled images, all of one shape, in the order of their source. */
export interface Dataset extends DatasetInfo {
  /** One class index per sample. */
  readonly labels: Int32Array;
  /**
   * Writes the pixels of sample `index` (uint8, channels × height × width; RGB, or one gray channel) into
   * `into`. Returns a promise only when the pixels have to be decoded first.
   */
  read(index: number, into: Uint8Array): void | Promise<void>;
}

/** Progress of opening a data set: `done` of `total` steps of `what`. */
export interface OpenProgress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Options of everything that opens a data set. */
export interface OpenOptions {
  /** Called repeatedly while files are read and decoded. */
  readonly onProgress?: ((progress: OpenProgress) => void) | undefined;
}
