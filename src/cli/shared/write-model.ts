import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SenetError, usageError } from "../../base/errors.ts";
import { percent } from "../../base/format.ts";
import { fileError } from "../../files/file-error.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { stoppable } from "./interrupt.ts";
import { createProgress } from "./progress.ts";

/**
 * Checks, before any work is done, that a network can be written.
 *
 * @param model the file that is read, which must not be replaced, not even with `force`
 * @throws SenetError `usage` when both are the same file; `file` when there is no folder to write into, a folder lies there, or a file
 * that `force` does not allow to replace
 */
export async function checkOutput(out: string, force = false, model?: string): Promise<void> {
  const placeOf = (path: string) => realpath(path).catch(() => resolve(path));
  if (model !== undefined && (await placeOf(model)) === (await placeOf(out))) {
    throw usageError(
      `${out}: expected another file than the one that is read, found the same; choose another name, as the original is worth keeping.`,
    );
  }
  const found = await stat(out).catch(async (error) => {
    if (error.code !== "ENOENT") throw fileError("write", out, error);
    await stat(dirname(out)).catch((none) => {
      throw fileError("write", out, none);
    });
  });
  if (!found || (force && found.isFile())) return;
  throw new SenetError(
    "file",
    found.isFile()
      ? `${out}: expected nothing there, found a file; choose another name, or give --force to replace it.`
      : `${out}: expected a file or nothing, found ${found.isDirectory() ? "a folder" : "a device or pipe"}; give the path of a file.`,
  );
}

/** A network in the form of its file. */
export interface ModelBytes {
  readonly byteLength: number;
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * Writes a network whole or not at all; Ctrl-C stops it, leaves what was there before, and sets the exit code.
 *
 * @param bytes as `writeOnnxChunks` gives them
 * @returns whether it was written
 */
export async function writeModel(out: string, { byteLength, chunks }: ModelBytes): Promise<boolean> {
  const progress = createProgress();
  function* withProgress(check: () => void): Generator<Uint8Array> {
    let written = 0;
    for (const chunk of chunks) {
      check(); // throws, so that the unfinished file is removed
      progress.update(() => `writing ${out}: ${percent(written / byteLength)}`);
      yield chunk;
      written += chunk.length;
    }
  }
  const isWritten = await stoppable(progress, `interrupted; ${out} is as it was before`, async (check) => {
    await writeFileAtomic(out, withProgress(check));
    return true;
  });
  return isWritten ?? false;
}
