/** What a pickle may cost before it is refused; a checkpoint of a thousand tensors needs less than a hundredth of each. */
export const pickleLimits = {
  /** Bytes of the pickle itself, storages not counted. */
  bytes: 2 ** 26,
  opcodes: 5_000_000,
  /** Values at once on the stack, and remembered. */
  stack: 1_000_000,
  memo: 1_000_000,
  /** Containers that are open at once. */
  depth: 1000,
  /** Bytes of one text or byte string. */
  text: 2 ** 24,
  /** Bytes of one whole number. */
  number: 256,
} as const;
