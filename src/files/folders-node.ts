import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SenetError } from "../base/errors.ts";
import { systemCode } from "./file-error.ts";

/** Whether anything lies there. */
export async function pathExists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** `wanted`, or all of them with the same `-2`, `-3`, … when something of one of these names is there. */
export async function freeFolders(wanted: readonly string[]): Promise<string[]> {
  for (let i = 1; ; i++) {
    const paths = wanted.map((path) => (i === 1 ? path : `${path}-${i}`));
    const taken = await Promise.all(paths.map(pathExists));
    if (!taken.includes(true)) return paths;
  }
}

/**
 * Makes a folder and those around it. (Node's recursive `mkdir` never returns where none can be made, as in /proc.)
 *
 * @returns the outermost folder that had to be made, if any
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !(await pathExists(at)); at = dirname(at)) missing.unshift(at);
  if (!(await stat(at)).isDirectory()) throw noFolder(path, "a folder or nothing", "a file there");
  const made: string[] = [];
  try {
    for (const folder of missing) {
      await mkdir(folder);
      made.push(folder);
    }
  } catch (error) {
    const code = systemCode(error);
    // Another process was quicker.
    if (code === "EEXIST" && (await pathExists(missing[made.length])))
      return (await makeFolder(path)) ?? made[0];
    for (const folder of made.reverse()) await rmdir(folder).catch(() => {}); // the first error is the one to report
    if (code === "EEXIST") throw noFolder(path, "a folder or nothing", "a link to nothing", error);
    throw code === "ENOENT" ? noFolder(path, "a place where folders can be made", "none", error) : error;
  }
  return made[0];
}

function noFolder(path: string, expected: string, found: string, cause?: unknown): SenetError {
  return new SenetError("file", `${path}: expected ${expected}, found ${found}; choose another folder.`, {
    cause,
  });
}

/** Removes `path` and the folders around it up to `outermost`, as far as nothing else lies in them. */
export async function removeEmptyFolders(path: string, outermost: string): Promise<void> {
  for (let folder = path; folder.startsWith(outermost); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}
