import { badArchive } from "./inflate.ts";

/** Headers and contents fill whole blocks of this many bytes: POSIX.1-2017, pax, "ustar Interchange Format". */
const BLOCK = 512;

/** One member of an archive. */
export interface TarMember {
  readonly name: string;
  /** A link or a folder has no bytes of its own. */
  readonly isFile: boolean;
  readonly bytes: Uint8Array;
}

/**
 * The members of a tar archive in their order, in the forms of POSIX (ustar, pax) and GNU.
 *
 * @param what the archive's name, for messages
 */
export function* tarMembers(archive: Uint8Array, what: string): Generator<TarMember> {
  let longName: string | undefined;
  for (let at = 0; at < archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.length < BLOCK) throw badArchive(what, `expected a header at byte ${at}, found the end`);
    if (header.every((byte) => byte === 0)) return;
    checkHeader(header, at, what);
    const size = octal(header, 124, 12);
    const from = at + BLOCK;
    if (!Number.isSafeInteger(size) || from + size > archive.length) {
      throw badArchive(what, `expected a member's ${size} bytes at ${from}, found ${archive.length - from}`);
    }
    const bytes = archive.subarray(from, from + size);
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]);
    if (type === "x") longName = paxPath(bytes) ?? longName;
    else if (type === "L") longName = text(bytes, 0, size);
    else if (type !== "g") {
      yield { name: longName ?? shortName(header), isFile: type === "0" || type === "\0", bytes };
      longName = undefined;
    }
  }
}

/** The sum of a header's bytes, those of the sum itself counted as blanks, tells it from other data. */
function checkHeader(header: Uint8Array, at: number, what: string): void {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== octal(header, 148, 8))
    throw badArchive(what, `expected a header at byte ${at}, found other bytes`);
}

function shortName(header: Uint8Array): string {
  const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
  const name = text(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The path that a pax header gives to the member behind it: lines `LENGTH path=NAME`, the length that of the line. */
function paxPath(bytes: Uint8Array): string | undefined {
  for (let at = 0; at < bytes.length; ) {
    const line = text(bytes, at, bytes.length - at);
    const length = Number.parseInt(line, 10);
    if (!(length > 0)) return undefined;
    const [, path] = /^\d+ path=(.*)\n$/s.exec(text(bytes, at, length)) ?? [];
    if (path !== undefined) return path;
    at += length;
  }
  return undefined;
}

function octal(bytes: Uint8Array, at: number, length: number): number {
  return Number.parseInt(text(bytes, at, length).trim() || "0", 8);
}

/** Up to the first zero. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const part = bytes.subarray(at, at + length);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}
