import { quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { storedTypes } from "../formats/stored-type.ts";
import type { WeightsFile } from "../formats/weights-file.ts";
import { badCheckpoint } from "./bad-checkpoint.ts";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleCut } from "./pickle-reader.ts";
import { PickleStorage, type PickleValue } from "./pickle-values.ts";
import { type CheckpointOptions, openCheckpoint } from "./torch-checkpoint.ts";
import { torchWorld } from "./torch-world.ts";
import { unpickle } from "./unpickle.ts";

/** What the first pickle holds, and the second: `torch.serialization.MAGIC_NUMBER` and `PROTOCOL_VERSION`. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Bytes read at first; the pickles of most checkpoints fit. */
const FIRST_BYTES = 2 ** 20;

/** Bytes before each storage: the count of its elements. */
const COUNT_BYTES = 8;

/**
 * A checkpoint as PyTorch wrote it before 1.6 (and does with `_use_new_zipfile_serialization=False`): five pickles (magic number,
 * protocol, the machine, the structure, the storages' keys), then each storage's count and elements, little-endian on every machine.
 * Only the pickles and counts are read.
 */
export async function openPyTorchLegacy(
  source: ByteSource,
  options: CheckpointOptions = {},
): Promise<WeightsFile> {
  const { what } = source;
  const { root, keys, elementBytes, end } = await readPickles(source);
  const places = await placeStorages(source, keys, elementBytes, end);
  return openCheckpoint(source, root, {
    ...options,
    bigEndian: false,
    async readStorage(key, from, length) {
      const place = places.get(key);
      if (!place) throw badCheckpoint(what, `expected storage ${quote(key)} in the file, found none`);
      if (from + length > place.bytes) {
        throw badCheckpoint(
          what,
          `storage ${quote(key)}: expected ${from + length} bytes, found ${place.bytes}`,
        );
      }
      return source.read(place.at + from, length);
    },
  });
}

/** A pickle does not say how long it is: where the bytes end too soon, more of the file is read. */
async function readPickles(source: ByteSource) {
  for (let length = FIRST_BYTES; ; length *= 2) {
    const bytes = await source.read(0, Math.min(length, source.size));
    try {
      return parsePickles(bytes, source.what);
    } catch (cause) {
      if (!(cause instanceof PickleCut)) throw cause;
      if (bytes.length === source.size)
        throw badCheckpoint(source.what, "expected five whole pickles, found part of them", cause);
      if (length >= pickleLimits.bytes) {
        throw badCheckpoint(
          source.what,
          `expected at most ${pickleLimits.bytes} bytes before the tensors, found more`,
          cause,
        );
      }
    }
  }
}

/** The structure, the storages' keys, the bytes of an element by key, and where the storages begin. */
function parsePickles(bytes: Uint8Array, what: string) {
  const elementBytes = new Map<string, number>();
  const world = torchWorld(what);
  const noting = {
    ...world,
    persistent(id: PickleValue) {
      const storage = world.persistent(id);
      if (storage instanceof PickleStorage) elementBytes.set(storage.key, storedTypes[storage.type].bytes);
      return storage;
    },
  };
  let end = 0;
  const next = (): PickleValue => {
    const read = unpickle(bytes.subarray(end), noting, what);
    end += read.end;
    return read.value;
  };
  const magic = next();
  if (magic !== MAGIC)
    throw badCheckpoint(what, "expected PyTorch's magic number in the first pickle, found something else");
  const protocol = next();
  if (protocol !== PROTOCOL)
    throw badCheckpoint(what, `expected protocol ${PROTOCOL} in the second pickle, found another`);
  next(); // byte order and sizes of the writing machine: storages are little-endian all the same
  const root = next();
  const keys = next();
  return { root, keys, elementBytes, end };
}

/** Where the elements of each storage lie in the file. */
async function placeStorages(
  source: ByteSource,
  keys: PickleValue,
  elementBytes: ReadonlyMap<string, number>,
  start: number,
) {
  const { what, size } = source;
  if (!Array.isArray(keys))
    throw badCheckpoint(what, "expected the storages' keys in the fifth pickle, found something else");
  const places = new Map<string, { readonly at: number; readonly bytes: number }>();
  let at = start;
  for (const key of keys as readonly PickleValue[]) {
    const each = typeof key === "string" ? elementBytes.get(key) : undefined;
    if (typeof key !== "string" || each === undefined || places.has(key)) {
      throw badCheckpoint(what, "expected each storage once among the keys, found another key");
    }
    if (at + COUNT_BYTES > size)
      throw badCheckpoint(what, `storage ${quote(key)}: expected its count at byte ${at}, found the end`);
    const head = await source.read(at, COUNT_BYTES);
    const count = new DataView(head.buffer, head.byteOffset).getBigInt64(0, true);
    at += COUNT_BYTES;
    if (count < 0n || count > BigInt(Math.floor((size - at) / each))) {
      throw badCheckpoint(
        what,
        `storage ${quote(key)}: expected ${count} elements at byte ${at}, found a file of ${size} bytes`,
      );
    }
    const bytes = Number(count) * each;
    places.set(key, { at, bytes });
    at += bytes;
  }
  return places;
}
