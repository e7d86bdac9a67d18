import { readFile } from "node:fs/promises";
import { openSource } from "../../src/weights/open-source.ts";
import { bytesSource } from "../../test/support/bytes-source.ts";
import type { Format } from "./format.ts";

/** Files of weights, as PyTorch, numpy and safetensors wrote them for the tests. */
export const weightsFormats: Readonly<Record<string, Format>> = {
  safetensors: weights("types.safetensors", "sharded/model-00001-of-00002.safetensors"),
  pth: weights("small.pth", "checkpoint.pth", "module.pth"),
  "pth-legacy": weights("small-legacy.pth", "checkpoint-legacy.pth"),
  npz: weights("small.npz", "stored.npz", "deflated.npz", "versions.npz", "objects.npz"),
};

function weights(...names: readonly string[]): Format {
  return {
    seeds: () =>
      Promise.all(
        names.map((name) => readFile(new URL(`../../test/golden/weights/${name}`, import.meta.url))),
      ),
    async read(bytes) {
      await using file = await openSource(bytesSource(bytes, "file"));
      for (const name of file.entries.keys()) await file.read(name);
    },
  };
}
