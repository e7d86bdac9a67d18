import { SenetError } from "../../base/errors.ts";
import { compareVersions, OLDEST_VERSION } from "../library/compare-versions.ts";
import type { Version } from "./common-node.ts";
import type { Dnnl } from "./dnnl.ts";
import { type Library, loadKoffi, pinLibrary } from "./foreign-node.ts";
import { Dnnl2 } from "./v2-node.ts";
import { Dnnl3 } from "./v3-node.ts";

/**
 * Opens oneDNN. It stays in memory until the process ends.
 *
 * @param path of the library, or its name for the system's loader
 * @param companions libraries that it needs and the system lacks, in the order in which they are to be loaded
 * @throws SenetError `engine` when koffi is missing, the loader refuses the file, or it is no oneDNN of a version that is known
 * @example
 * const dnnl = openDnnl("libdnnl.so.2");
 * dnnl.version; // "2.6.3"
 */
export function openDnnl(path: string, companions: readonly string[] = []): Dnnl {
  const koffi = loadKoffi();
  for (const companion of companions) load(companion);
  const library = load(path);
  const version = versionOf(library, path);
  const { major, minor } = version;
  if (compareVersions(`${major}.${minor}`, OLDEST_VERSION) < 0) throw unknownVersion(path, version);
  try {
    if (major === 2) return new Dnnl2(koffi, library, version);
    if (major === 3) return new Dnnl3(koffi, library, version);
  } catch (error) {
    throw broken(path, error);
  }
  throw unknownVersion(path, version);
}

/** OpenMP reads its variables when it is loaded. Threads that wait a little longer for the next primitive are there when it comes. */
function prepareThreads(): void {
  if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= "10000";
}

function load(path: string): Library {
  const koffi = loadKoffi();
  prepareThreads();
  try {
    const library = koffi.load(path);
    pinLibrary(koffi, path);
    return library;
  } catch (error) {
    throw broken(path, error);
  }
}

function versionOf(library: Library, path: string): Version {
  const koffi = loadKoffi();
  try {
    const address = library.func("dnnl_version", "uintptr_t", [])();
    const [major, minor, patch] = new Int32Array(koffi.view(address, 12));
    return { major, minor, patch };
  } catch (error) {
    throw broken(path, error);
  }
}

function broken(path: string, error: unknown): SenetError {
  const reason = (error instanceof Error ? error.message : String(error)).trim();
  return new SenetError(
    "engine",
    `${path}: expected oneDNN's library, found something else (${reason}); install oneDNN (\`senet engine install\`), or name another file in SENET_ONEDNN.`,
    { cause: error },
  );
}

function unknownVersion(path: string, { major, minor, patch }: Version): SenetError {
  return new SenetError(
    "engine",
    `${path}: expected oneDNN from version ${OLDEST_VERSION} to 3.x, found ${major}.${minor}.${patch}; install another (\`senet engine install\`).`,
  );
}
