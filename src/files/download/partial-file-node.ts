import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunning } from "../lock-folder-node.ts";

/** A partial download, ended by `finish`, `release` or `discard`. */
export interface PartialFile {
  /** Bytes that were there already. */
  readonly length: number;
  /** Those bytes, in order. */
  read(): AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Drops all bytes. */
  empty(): Promise<void>;
  /** Writes it to the disk, and moves it to `path`. */
  finish(path: string): Promise<void>;
  /** Leaves the bytes so far to the next download. */
  release(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Not the `.incomplete` that Python uses: its locks are the operating system's, which Node cannot take, and it would believe our bytes
 * without checking them.
 */
const SUFFIX = ".senet.incomplete";

/** A process that has written nothing for so long counts as ended, wherever it ran: numbers of processes are used again. */
const ABANDONED_MS = 600_000;

const host = hostname()
  .replace(/[^A-Za-z0-9]/g, "_")
  .slice(0, 32);

/**
 * Continues a broken download, or begins a new file. Each process writes a file of its own, whose name says which one that
 * is, and takes another's only by renaming it, which one process alone can do, and only once its owner has gone. Two processes that
 * want the same file at once both fetch it.
 *
 * @param name of the file when whole
 */
export async function claimPartial(folder: string, name: string): Promise<PartialFile> {
  const mine = join(folder, `${name}.${host}-${process.pid}-${randomBytes(4).toString("hex")}${SUFFIX}`);
  let isTaken = false;
  for (const path of await abandoned(folder, name)) {
    // The longest first; what the others hold is the same, and less of it.
    if (isTaken) await rm(path, { force: true });
    else isTaken = await renamed(path, mine);
  }
  const file = await open(mine, isTaken ? "r+" : "wx+");
  const { size } = await file.stat();
  return partialOf(file, mine, join(folder, `${name}${SUFFIX}`), size);
}

function partialOf(file: FileHandle, mine: string, free: string, length: number): PartialFile {
  return {
    length,
    read: () => file.createReadStream({ start: 0, autoClose: false }),
    async write(bytes, at) {
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
    },
    empty: () => file.truncate(0),
    async finish(path) {
      await file.sync();
      await file.close();
      await rename(mine, path);
    },
    async release() {
      const { size } = await file.stat();
      await file.close();
      if (size === 0) await rm(mine, { force: true });
      else await renamed(mine, free);
    },
    async discard() {
      await file.close();
      await rm(mine, { force: true });
    },
  };
}

/** Partial files whose writers have gone, the longest first. */
async function abandoned(folder: string, name: string): Promise<string[]> {
  const found: Array<{ path: string; size: number }> = [];
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith(name) || !entry.endsWith(SUFFIX)) continue;
    const path = join(folder, entry);
    const facts = await stat(path).catch(() => undefined); // finished or taken meanwhile
    if (!facts) continue;
    const owner = entry.slice(name.length + 1, -SUFFIX.length);
    if (isGone(owner, Date.now() - facts.mtimeMs)) found.push({ path, size: facts.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ path }) => path);
}

function isGone(owner: string, silentMs: number): boolean {
  if (owner === "" || silentMs > ABANDONED_MS) return true;
  const [, where, pid] = /^(\w+)-(\d+)-/.exec(owner) ?? [];
  return where === host && !isRunning(Number(pid));
}

async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false, // another process was faster
  );
}
