import { realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { z } from "zod";
import { type BadFile, badFile, quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { fileSource } from "../../files/byte-source-node.ts";
import { fileError } from "../../files/file-error.ts";
import { openSafetensors } from "./open-safetensors.ts";
import { type WeightsEntry, type WeightsFile, weightsFile } from "./weights-file.ts";

/** Longest index read, in bytes: as long as the longest header of one file. */
export const MAX_INDEX_BYTES = 100_000_000;

/** Most files that are open at once. */
const MAX_SHARDS = 1000;

const bad = badFile("get the index and its files again");

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

interface ShardEntry extends WeightsEntry {
  readonly shard: WeightsFile;
}

/**
 * Weights spread over several safetensors files by an index, `model.safetensors.index.json`: which tensor lies in which file. The files
 * must lie in the index's folder or below it.
 *
 * @param index is closed before the shards are opened
 */
export async function openSharded(index: ByteSource): Promise<WeightsFile> {
  const { what } = index;
  const map = await readIndex(index);
  await index.dispose();
  const shards = new Map<string, WeightsFile>();
  const dispose = async () => {
    for (const shard of shards.values()) await shard.dispose();
  };
  try {
    for (const name of new Set(map.values())) shards.set(name, await openShard(what, name));
    const entries = new Map<string, ShardEntry>();
    for (const [name, file] of map) {
      const shard = shards.get(file);
      const entry = shard?.entries.get(name);
      if (!shard || !entry)
        throw bad(what, `expected tensor ${quote(name)} in ${quote(file)}, found none there`);
      entries.set(name, { dtype: entry.dtype, shape: entry.shape, shard });
    }
    return weightsFile(
      { what, dispose },
      {
        format: "safetensors",
        entries,
        metadata: Object.assign({}, ...[...shards.values()].map(({ metadata }) => metadata)),
        read: (name, { shard }) => shard.read(name),
        readSlice: (name, { shard }, from, to) => shard.readSlice(name, from, to),
      },
    );
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** File names by tensor name. */
async function readIndex({ what, size, read }: ByteSource): Promise<Map<string, string>> {
  if (size > MAX_INDEX_BYTES)
    throw bad(what, `expected an index of at most ${MAX_INDEX_BYTES} bytes, found ${size}`);
  return parseShardIndex(await read(0, size), what, bad);
}

/** The file names by tensor name in the bytes of an index. */
export function parseShardIndex(bytes: Uint8Array, what: string, bad: BadFile): Map<string, string> {
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw bad(what, "expected an index in JSON, found other text", cause);
  }
  const parsed = indexSchema.safeParse(raw);
  if (!parsed.success) throw bad(what, "expected a weight_map from tensors to files, found none");
  const map = new Map(Object.entries(parsed.data.weight_map));
  const shards = new Set(map.values()).size;
  if (shards > MAX_SHARDS) throw bad(what, `expected at most ${MAX_SHARDS} shards, found ${shards}`);
  return map;
}

async function openShard(index: string, name: string): Promise<WeightsFile> {
  const path = join(dirname(index), name);
  const [folder, real] = await Promise.all([dirname(index), path].map(resolved));
  if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
    throw bad(index, `expected shards in its own folder, found ${quote(name)}, which lies elsewhere`);
  }
  const source = await fileSource(path);
  try {
    return await openSafetensors(source);
  } catch (error) {
    await source.dispose();
    throw error;
  }
}

/** Where a path leads once links are followed. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}
