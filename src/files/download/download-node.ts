import { createHash, type Hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { fileError } from "../file-error.ts";
import { makeFolder } from "../folders-node.ts";
import { type Connection, ConnectionLost, openStream, retry } from "./connection-node.ts";
import { claimPartial, type PartialFile } from "./partial-file-node.ts";

// `downloadFileToCacheDir` of @huggingface/hub gives the bytes of one request to a file and renames it: it neither goes on where a
// connection broke nor compares a checksum, waits for ever on a silent server, and two processes write into one file. So this is ours.

/** What a server says of a file before it is downloaded. */
export interface FileFacts {
  /** In bytes. */
  readonly size: number;
  readonly checksum: Checksum;
}

/** A file to download. */
interface WantedFile extends FileFacts {
  /** For messages. */
  readonly what: string;
  readonly url: string;
}

/** SHA-256 of the bytes, or SHA-1 as git makes it of a file: of a header with its length, then its bytes. */
export interface Checksum {
  readonly kind: "sha256" | "git-sha1";
  readonly hex: string;
}

/** The bytes that have come are not the right ones, however many more may come. */
class Damaged extends Error {
  override readonly name = "Damaged";
}

/**
 * Downloads a file into a folder, under its checksum, whole or not at all. A broken connection, or a killed process, is continued where
 * it ended; bytes of another length or checksum are thrown away, and fetched once more.
 *
 * @param onBytes called with the number of bytes so far
 * @returns its path
 */
export async function download(
  connection: Connection,
  wanted: WantedFile,
  folder: string,
  onBytes: (done: number) => void = () => {},
): Promise<string> {
  const path = join(folder, wanted.checksum.hex);
  if (await isWhole(path, wanted.size)) return path;
  try {
    await makeFolder(folder);
    for (let tries = 1; ; tries++) {
      const partial = await claimPartial(folder, wanted.checksum.hex);
      const damage = await complete(connection, wanted, partial, onBytes);
      if (!damage) {
        await partial.finish(path).catch(async (error) => {
          // Some systems rename no file over one that is being read: the other one is as good.
          if (!(await isWhole(path, wanted.size))) throw error;
          await partial.discard();
        });
        return path;
      }
      await partial.discard();
      if (tries === 2) throw damaged(wanted, damage);
    }
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** Whether a file is there with all its bytes. */
export async function isWhole(path: string, size: number): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true && facts.size === size;
}

/** Fetches what is missing of a file. What has come stays when it fails. */
async function complete(
  connection: Connection,
  wanted: WantedFile,
  partial: PartialFile,
  onBytes: (done: number) => void,
): Promise<Damaged | undefined> {
  const { what, url, size, checksum } = wanted;
  let hash = startHash(wanted);
  let done = 0;
  try {
    if (partial.length <= size) {
      for await (const chunk of partial.read()) {
        hash.update(chunk);
        done += chunk.length;
      }
    }
    const attempt = async () => {
      if (done === size) return;
      // Compressed on the way, a file has another length, and no ranges.
      const range = done === 0 ? {} : { range: `bytes=${done}-` };
      const stream = await openStream(connection, url, { "accept-encoding": "identity", ...range }, what);
      try {
        const from = firstByte(stream, done, size);
        if (from !== done) [hash, done] = [startHash(wanted), from];
        if (from === 0) await partial.empty();
        for await (const chunk of stream.chunks) {
          if (done + chunk.length > size) throw new Damaged(`more than ${size} bytes`);
          await partial.write(chunk, done);
          hash.update(chunk);
          done += chunk.length;
          onBytes(done);
        }
      } finally {
        stream.close();
      }
      if (done < size) throw new ConnectionLost(`${size - done} of ${size} bytes missing at its end`);
    };
    onBytes(done);
    await retry(connection, what, attempt, () => done);
  } catch (error) {
    if (error instanceof Damaged) return error;
    await partial.release();
    throw error;
  }
  return hash.digest("hex") === checksum.hex ? undefined : new Damaged("others");
}

function startHash({ size, checksum }: WantedFile): Hash {
  return checksum.kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

/** Where the bytes of an answer begin: behind those that are there, or, from a server that knows no ranges, at 0. */
function firstByte(
  { status, headers }: { status: number; headers: Headers },
  done: number,
  size: number,
): number {
  if (status === 206) {
    const range = headers.get("content-range") ?? "no range";
    const [, from, all] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? [];
    if (Number(from) === done && Number(all) === size) return done;
    throw new Damaged(range);
  }
  const length = headers.get("content-length");
  if (status === 200 && (length === null || Number(length) === size)) return 0;
  throw new Damaged(status === 200 ? `${length} bytes` : `status ${status}`);
}

function damaged({ what, size, checksum }: WantedFile, { message }: Damaged): SenetError {
  const name = checksum.kind === "sha256" ? "SHA-256" : "git's SHA-1";
  return new SenetError(
    "file",
    `${what}: expected ${size} bytes with ${name} ${checksum.hex.slice(0, 12)}…, found ${message}, twice; nothing was kept, try again later or from another network.`,
  );
}
