import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SenetError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { pathExists } from "./folders-node.ts";

/** Checks, before anything is written, that the disk has room. */
export async function checkSpace(path: string, bytes: number): Promise<void> {
  let folder = resolve(path);
  while (!(await pathExists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const disk = await statfs(folder).catch(() => undefined); // not known everywhere; /proc has no blocks
  const free = disk && disk.blocks > 0 ? disk.bavail * disk.bsize : Number.POSITIVE_INFINITY;
  if (free >= bytes) return;
  throw new SenetError(
    "file",
    `disk full: ${path} needs ${formatBytes(bytes)} for checkpoints and the model, ${formatBytes(free)} are free; free some space or choose another folder.`,
  );
}
