import { open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { SenetError } from "../base/errors.ts";
import { disposable, type Resource } from "../base/resource.ts";
import { fileError, systemCode } from "./file-error.ts";

/** The file that says who works in a folder. */
export const LOCK = ".lock";
/** What this process holds: its number alone is no proof, as numbers come again, in containers often the same ones. */
const own = new Set<string>();
const holderSchema = z.object({ pid: z.number().int(), host: z.string() });

/**
 * Keeps a folder to one training: two in one folder would write into each other's runs. A process that was killed leaves its lock
 * behind, and the next one on the same machine takes it over.
 *
 * @returns to be disposed of, which releases the folder
 * @throws SenetError `busy` when another process, or another training of this one, holds it; `file` when it cannot be written to
 */
export async function lockFolder(path: string): Promise<Resource> {
  const file = join(path, LOCK);
  const name = resolve(file);
  if (own.has(name)) throw await held(path, file);
  own.add(name);
  try {
    if (!(await create(file))) {
      if (await isHeld(file)) throw await held(path, file);
      await rm(file, { force: true });
      // Another process may have been faster.
      if (!(await create(file))) throw await held(path, file);
    }
  } catch (error) {
    own.delete(name);
    throw error;
  }
  return disposable(async () => {
    own.delete(name);
    await rm(file, { force: true });
  });
}

/** Whether the file was not there before. */
async function create(file: string): Promise<boolean> {
  const handle = await open(file, "wx").catch((error) => {
    if (systemCode(error) === "EEXIST") return undefined;
    throw fileError("write", file, error);
  });
  if (!handle) return false;
  try {
    await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    return true;
  } catch (error) {
    await rm(file, { force: true }); // half a lock would never look free
    throw fileError("write", file, error);
  } finally {
    await handle.close();
  }
}

async function holderOf(file: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined; // being written, or torn by a power cut
  }
}

async function isHeld(file: string): Promise<boolean> {
  const holder = await holderOf(file);
  if (!holder || holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return false; // of an earlier process with this one's number
  return isRunning(holder.pid);
}

/** Whether a process of this machine has not ended. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Any other error says that it exists and belongs to another user.
    return systemCode(error) !== "ESRCH";
  }
}

async function held(path: string, file: string): Promise<SenetError> {
  const holder = await holderOf(file);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : "another process";
  return new SenetError(
    "busy",
    `${path}: expected no other process at work in it, found the lock of ${who}; wait for it, choose another folder, or remove ${file} if no such process runs any more.`,
  );
}
