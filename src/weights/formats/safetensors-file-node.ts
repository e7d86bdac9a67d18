import { fileSource } from "../../files/byte-source-node.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { openSafetensors } from "./open-safetensors.ts";
import { encodeSafetensors, type Safetensors } from "./safetensors.ts";

/**
 * Reads a safetensors file tensor by tensor, so that it is never in memory twice.
 *
 * @example const { tensors, metadata } = await readSafetensorsFile("best.safetensors");
 * @throws SenetError `file` when it cannot be read or is not well-formed.
 */
export async function readSafetensorsFile(path: string): Promise<Safetensors> {
  await using source = await fileSource(path);
  const { entries, metadata, read } = await openSafetensors(source);
  const tensors = new Map<string, Tensor>();
  for (const name of entries.keys()) tensors.set(name, await read(name));
  return { tensors, metadata };
}

/**
 * Writes tensors as a safetensors file, whole or not at all (see `writeFileAtomic`). Their memory is read while
 * the promise is pending: do not train into the same tensors meanwhile.
 *
 * @example await writeSafetensorsFile("best.safetensors", parameters, { model: "seresnet20", epoch: "12" });
 * @throws SenetError `file` when it cannot be written, `shape` when a tensor contradicts itself.
 */
export async function writeSafetensorsFile(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}
