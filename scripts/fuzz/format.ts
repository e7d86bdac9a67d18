/** A format of files as the fuzz script knows it. */
export interface Format {
  /** Whole files, a few kilobytes each, which are then damaged. */
  seeds(): Promise<readonly Uint8Array[]>;
  /** Reads a file completely, by the functions that the commands use. */
  read(bytes: Uint8Array): Promise<unknown>;
}

/** What became of one file: read, refused with a SenetError, or, as a sentence, what should not have happened. */
export interface Outcome {
  readonly index: number;
  readonly result: "read" | "refused" | "finding";
  readonly reason?: string;
  readonly ms: number;
  /** Peak resident memory of the process so far, in bytes. */
  readonly peakBytes: number;
}
