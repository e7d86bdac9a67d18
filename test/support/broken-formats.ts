import type { Format } from "../../scripts/fuzz/format.ts";
import { SenetError } from "../../src/base/errors.ts";

const seeds = async () => [Uint8Array.of(1, 2, 3)];
const blocks: Uint8Array[] = [];

/** Readers with every fault that the fuzz script is to find. */
export const formats: Readonly<Record<string, Format>> = {
  reads: { seeds, read: async () => {} },
  refuses: {
    seeds,
    async read() {
      throw new SenetError("file", "x: expected a file, found another; get it again.");
    },
  },
  throws: {
    seeds,
    async read() {
      throw new TypeError("x is undefined");
    },
  },
  hangs: {
    seeds,
    async read() {
      for (;;);
    },
  },
  crashes: {
    seeds,
    async read() {
      process.abort();
    },
  },
  hoards: {
    seeds,
    async read() {
      blocks.push(new Uint8Array(2 ** 28).fill(1));
    },
  },
};
