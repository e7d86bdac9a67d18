import type { SenetError } from "../../base/errors.ts";
import { quote } from "../bad-file.ts";
import type { ByteSource } from "../byte-source.ts";
import { badArchive, inflate } from "./inflate.ts";

/** Longest directory read, in bytes: a million members with names as long as parameters have. */
const MAX_DIRECTORY_BYTES = 100_000_000;

/** Signatures, and sizes without what is variable: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16. */
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const;
const CENTRAL = { signature: 0x02014b50, bytes: 46 } as const;
const END = { signature: 0x06054b50, bytes: 22 } as const;
const END_64 = { signature: 0x06064b50, bytes: 56 } as const;
const LOCATOR_64 = { signature: 0x07064b50, bytes: 20 } as const;
const EXTRA_64 = 0x0001;
const MAX_COMMENT_BYTES = 0xffff;
const ENCRYPTED = 1;

/** One member of an archive. */
export interface ZipMember {
  readonly name: string;
  /** Whether its bytes are as they are, or deflated. */
  readonly stored: boolean;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly headerAt: number;
}

/**
 * The members of a zip archive by name, from the directory at its end. Also zip64; not encrypted, not split, stored or deflated.
 */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipMember>> {
  const { count, bytes, at } = await findDirectory(source);
  if (bytes > MAX_DIRECTORY_BYTES) {
    throw bad(source, `expected a directory of at most ${MAX_DIRECTORY_BYTES} bytes, found ${bytes}`);
  }
  if (at + bytes > source.size) {
    throw bad(source, `expected a directory of ${bytes} bytes at ${at}, found a file of ${source.size}`);
  }
  const view = viewOf(await source.read(at, bytes));
  const members = new Map<string, ZipMember>();
  let from = 0;
  for (let i = 0; i < count; i++) {
    const { member, next } = readEntry(source, view, from);
    if (members.has(member.name))
      throw bad(source, `expected every member once, found ${quote(member.name)} twice`);
    members.set(member.name, member);
    from = next;
  }
  return members;
}

/** Where a member's bytes begin in the archive: its local header has a length of its own. */
export async function memberStart(source: ByteSource, member: ZipMember): Promise<number> {
  const { name, headerAt, compressedBytes } = member;
  if (headerAt + LOCAL.bytes > source.size)
    throw bad(source, `member ${quote(name)}: expected its header at ${headerAt}, found the end`);
  const view = viewOf(await source.read(headerAt, LOCAL.bytes));
  if (view.getUint32(0, true) !== LOCAL.signature)
    throw bad(source, `member ${quote(name)}: expected its header at ${headerAt}, found other bytes`);
  const start = headerAt + LOCAL.bytes + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + compressedBytes > source.size)
    throw bad(
      source,
      `member ${quote(name)}: expected ${compressedBytes} bytes at ${start}, found a file of ${source.size}`,
    );
  return start;
}

/** The first `length` bytes of a member; all of them without `length`. Not more than these is inflated. */
export async function readMember(
  source: ByteSource,
  member: ZipMember,
  length = member.bytes,
): Promise<Uint8Array> {
  const start = await memberStart(source, member);
  if (member.stored) return source.read(start, Math.min(length, member.bytes));
  const wanted = Math.min(length, member.bytes);
  const found = await inflate(source, { from: start, bytes: member.compressedBytes }, wanted);
  if (found.length < wanted)
    throw bad(
      source,
      `member ${quote(member.name)}: expected ${wanted} bytes, found ${found.length} after inflating`,
    );
  return found;
}

interface Directory {
  readonly count: number;
  readonly bytes: number;
  readonly at: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailBytes = Math.min(source.size, END.bytes + MAX_COMMENT_BYTES);
  const tailAt = source.size - tailBytes;
  const view = viewOf(await source.read(tailAt, tailBytes));
  for (let i = tailBytes - END.bytes; i >= 0; i--) {
    if (view.getUint32(i, true) !== END.signature) continue;
    if (i + END.bytes + view.getUint16(i + 20, true) !== tailBytes) continue;
    const short = {
      count: view.getUint16(i + 10, true),
      bytes: view.getUint32(i + 12, true),
      at: view.getUint32(i + 16, true),
    };
    const isLong = short.count === 0xffff || short.bytes === 0xffffffff || short.at === 0xffffffff;
    return (isLong && (await findDirectory64(source, tailAt + i))) || short;
  }
  throw bad(source, "expected a zip archive's directory at the end, found none");
}

/** The larger directory, if there is one before the one that ends at `endAt`. */
async function findDirectory64(source: ByteSource, endAt: number): Promise<Directory | undefined> {
  const locatorAt = endAt - LOCATOR_64.bytes;
  if (locatorAt < 0) return undefined;
  const locator = viewOf(await source.read(locatorAt, LOCATOR_64.bytes));
  if (locator.getUint32(0, true) !== LOCATOR_64.signature) return undefined;
  const at = wide(source, locator, 8);
  if (at + END_64.bytes > locatorAt)
    throw bad(source, `expected a zip64 directory's end at ${at}, found none`);
  const view = viewOf(await source.read(at, END_64.bytes));
  if (view.getUint32(0, true) !== END_64.signature)
    throw bad(source, `expected a zip64 directory's end at ${at}, found other bytes`);
  return { count: wide(source, view, 32), bytes: wide(source, view, 40), at: wide(source, view, 48) };
}

function readEntry(source: ByteSource, view: DataView, at: number): { member: ZipMember; next: number } {
  if (at + CENTRAL.bytes > view.byteLength || view.getUint32(at, true) !== CENTRAL.signature)
    throw bad(source, `expected an entry of the directory at its byte ${at}, found none`);
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const extraAt = at + CENTRAL.bytes + nameBytes;
  const next = extraAt + extraBytes + view.getUint16(at + 32, true);
  if (next > view.byteLength)
    throw bad(source, `expected ${next} bytes of directory, found ${view.byteLength}`);
  const name = decodeName(source, view, at + CENTRAL.bytes, nameBytes);
  const method = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & ENCRYPTED)
    throw bad(source, `member ${quote(name)}: expected one that is not encrypted, found an encrypted one`);
  if (method !== 0 && method !== 8)
    throw bad(source, `member ${quote(name)}: expected it stored or deflated, found method ${method}`);
  const long = wideFields(source, view, extraAt, extraBytes);
  // In this order, and only those that are full in the entry (section 4.5.3).
  const field = (from: number) => {
    const value = view.getUint32(from, true);
    if (value !== 0xffffffff) return value;
    const wider = long.shift();
    if (wider === undefined) throw bad(source, `member ${quote(name)}: expected its zip64 sizes, found none`);
    return wider;
  };
  const bytes = field(at + 24);
  const compressedBytes = field(at + 20);
  const headerAt = field(at + 42);
  if (method === 0 && bytes !== compressedBytes)
    throw bad(
      source,
      `member ${quote(name)}: expected ${bytes} bytes as they are, found ${compressedBytes} stored`,
    );
  const crc32 = view.getUint32(at + 16, true);
  return { member: { name, stored: method === 0, crc32, compressedBytes, bytes, headerAt }, next };
}

function decodeName(source: ByteSource, view: DataView, at: number, length: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      new Uint8Array(view.buffer, view.byteOffset + at, length),
    );
  } catch (cause) {
    throw bad(source, "expected members' names in UTF-8, found other bytes", cause);
  }
}

/** The 64-bit numbers of an entry's zip64 field. */
function wideFields(source: ByteSource, view: DataView, at: number, length: number): number[] {
  const end = at + length;
  for (let from = at; from + 4 <= end; ) {
    const size = view.getUint16(from + 2, true);
    const isWide = view.getUint16(from, true) === EXTRA_64;
    from += 4;
    if (isWide && from + size <= end) {
      return Array.from({ length: Math.floor(size / 8) }, (_, i) => wide(source, view, from + 8 * i));
    }
    from += size;
  }
  return [];
}

function wide(source: ByteSource, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > Number.MAX_SAFE_INTEGER) throw bad(source, `expected a size below 2^53, found ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bad({ what }: ByteSource, problem: string, cause?: unknown): SenetError {
  return badArchive(what, problem, cause);
}
