import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheHome } from "../../files/cache-home-node.ts";
import { makeFolder } from "../../files/folders-node.ts";

/** A library that `installLibrary` has put into the cache. */
export interface InstalledLibrary {
  /** Of oneDNN, such as `2.6.3`. */
  readonly version: string;
  /** Where it came from, such as `libdnnl2 2.6.3-1 by apt`. */
  readonly origin: string;
  readonly path: string;
  /** Paths of libraries that it needs and that the system lacks: to be loaded before it. */
  readonly companions: readonly string[];
  readonly folder: string;
}

/** What says in a folder of the cache which library lies there. It is written last: a folder without one is no library. */
const FACTS = "library.json";
/** Before the name of a folder that is being filled; none of these is a library. */
const UNFINISHED = ".tmp-";
/** An unfinished folder of this age has been left behind by a process that was killed. */
const ABANDONED_MS = 24 * 3600 * 1000;

const fileName = z.string().regex(/^[\w.+-]+$/);
const factsSchema = z.object({
  version: z.string().regex(/^\d+(\.\d+)*$/),
  origin: z.string(),
  library: fileName,
  companions: z.array(fileName),
  /** Milliseconds since 1970. */
  installedAt: z.number(),
});

/** What is known of the files of a library. */
export type LibraryFacts = Omit<z.infer<typeof factsSchema>, "installedAt">;

/** The folder for libraries of this platform; a home may be shared by several. */
export function libraryCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheHome(env), "senet", "onednn", `${process.platform}-${process.arch}`);
}

/** The libraries in the cache, the one that was installed last first. What is damaged is left out: installing again puts it right. */
export async function installedLibraries(cache: string): Promise<InstalledLibrary[]> {
  const names = await readdir(cache).catch(() => []); // nothing was ever installed
  const found = await Promise.all(names.sort().map((name) => readInstalled(join(cache, name))));
  return found.filter((library) => library !== undefined).sort((a, b) => b.installedAt - a.installedAt);
}

async function readInstalled(folder: string) {
  try {
    const { version, origin, library, companions, installedAt } = factsSchema.parse(
      JSON.parse(await readFile(join(folder, FACTS), "utf8")),
    );
    const files = [library, ...companions].map((name) => join(folder, name));
    for (const file of files) await stat(file);
    return { version, origin, path: files[0], companions: files.slice(1), installedAt, folder };
  } catch {
    return undefined;
  }
}

/** A folder on the disk of the cache to work in, for this process alone; what earlier ones left there goes. */
export async function makeWorkFolder(cache: string): Promise<string> {
  await makeFolder(cache);
  for (const name of await readdir(cache)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const facts = await stat(join(cache, name)).catch(() => undefined); // its owner was faster
    if (facts && Date.now() - facts.mtimeMs > ABANDONED_MS) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
  const folder = join(cache, `${UNFINISHED}${process.pid}-${randomBytes(4).toString("hex")}`);
  await mkdir(folder);
  return folder;
}

/**
 * Gives a folder of libraries its place in the cache, whole or not at all, and removes those that were there. Processes that do so at
 * once do not disturb each other.
 *
 * @param folder in a work folder; holds the files that `facts` names
 */
export async function placeLibrary(cache: string, folder: string, facts: LibraryFacts): Promise<void> {
  const before = await installedLibraries(cache);
  await writeFile(join(folder, FACTS), `${JSON.stringify({ ...facts, installedAt: Date.now() }, null, 2)}\n`);
  for (const name of [FACTS, facts.library, ...facts.companions]) await toDisk(join(folder, name));
  const name = `${facts.origin.replace(/[^\w.+-]+/g, "-")}-${randomBytes(4).toString("hex")}`;
  await rename(folder, join(cache, name));
  // Windows does not remove what a process has loaded; the next installation will.
  for (const { folder: old } of before) await rm(old, { recursive: true, force: true }).catch(() => {});
}

async function toDisk(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}
