import { memberStart, readMember, type ZipMember } from "../../files/archives/zip.ts";
import { quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import type { WeightsFile } from "../formats/weights-file.ts";
import { badCheckpoint } from "./bad-checkpoint.ts";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleCut } from "./pickle-reader.ts";
import { type CheckpointOptions, openCheckpoint, type ReadStorage } from "./torch-checkpoint.ts";
import { torchWorld } from "./torch-world.ts";
import { unpickle } from "./unpickle.ts";

/** `archive/data.pkl`: all members are in one folder, named after the file. */
const PICKLE = /^[^/]+\/data\.pkl$/;

/** The member that holds a checkpoint's structure; none in other archives. */
export function pickleMember(members: ReadonlyMap<string, ZipMember>): ZipMember | undefined {
  return [...members.values()].find(({ name }) => PICKLE.test(name));
}

/**
 * A checkpoint as PyTorch writes it since 1.6: a zip archive of `data.pkl`, the structure, and `data/0`, `data/1`, …, the storages. Only
 * the structure is read.
 */
export async function openPyTorchZip(
  source: ByteSource,
  members: ReadonlyMap<string, ZipMember>,
  pickle: ZipMember,
  options: CheckpointOptions = {},
): Promise<WeightsFile> {
  const { what } = source;
  if (pickle.bytes > pickleLimits.bytes) {
    throw badCheckpoint(
      what,
      `expected a data.pkl of at most ${pickleLimits.bytes} bytes, found ${pickle.bytes}`,
    );
  }
  const folder = pickle.name.slice(0, pickle.name.lastIndexOf("/") + 1);
  const root = readPickle(await readMember(source, pickle), what);
  const order = members.get(`${folder}byteorder`);
  // Files older than PyTorch 2.1 do not say; such machines were all little-endian.
  const bigEndian =
    order !== undefined && new TextDecoder().decode(await readMember(source, order, 3)) === "big";
  const readStorage: ReadStorage = async (key, from, length) => {
    const name = `${folder}data/${key}`;
    const member = members.get(name);
    if (!member) throw badCheckpoint(what, `expected storage ${quote(name)} in the archive, found none`);
    if (from + length > member.bytes) {
      throw badCheckpoint(
        what,
        `storage ${quote(name)}: expected ${from + length} bytes, found ${member.bytes}`,
      );
    }
    // PyTorch stores; a tool that packed the file again may have deflated.
    if (!member.stored) return (await readMember(source, member, from + length)).slice(from);
    return source.read((await memberStart(source, member)) + from, length);
  };
  return openCheckpoint(source, root, { ...options, bigEndian, readStorage });
}

function readPickle(bytes: Uint8Array, what: string) {
  try {
    return unpickle(bytes, torchWorld(what), what).value;
  } catch (cause) {
    if (cause instanceof PickleCut)
      throw badCheckpoint(what, "expected a whole pickle in data.pkl, found part of one", cause);
    throw cause;
  }
}
