import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SenetError } from "../base/errors.ts";
import { fileError } from "./file-error.ts";

/**
 * Writes a file whole or not at all: into a temporary file in the same folder, to the disk, then renamed over
 * `path`. Whatever happens, even a power cut, `path` holds the old bytes or the new ones. A
 * failure removes the temporary file; only a killed process leaves one behind (`.NAME.….tmp`).
 *
 * @param chunks written one after another; strings as UTF-8.
 * @example await writeFileAtomic("report.html", [html])
 * @throws SenetError `file` in one sentence (disk full, no folder, no permission, not a regular file).
 */
export async function writeFileAtomic(path: string, chunks: Chunks): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await refuseSpecialFile(path);
    await writeAndSync(temporary, chunks);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to report
    throw fileError("write", path, error);
  }
}

/** Renaming over `/dev/null` as root would replace the device by a file. */
async function refuseSpecialFile(path: string): Promise<void> {
  const found: Stats | undefined = await stat(path).catch(() => undefined); // absent: nothing to protect
  if (found === undefined || found.isFile()) return;
  const kind = found.isDirectory() ? "a folder" : "a device or pipe";
  throw new SenetError("file", `${path}: expected a file or nothing, found ${kind}; choose another path.`);
}

type Chunks = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

async function writeAndSync(path: string, chunks: Chunks): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renaming itself survive a loss of power, where the system can do so (Windows cannot open folders). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
