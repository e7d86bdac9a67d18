import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { expandHome } from "../../files/cache-home-node.ts";
import { compareVersions } from "./compare-versions.ts";
import { installedLibraries, libraryCache } from "./installed-libraries-node.ts";

/** A place where oneDNN may be. */
export interface LibraryCandidate {
  /** Of a file, or its name for the system's loader. */
  readonly path: string;
  /** `SENET_ONEDNN`, what `installLibrary` has installed, or the system. */
  readonly source: "environment" | "cache" | "system";
  /** Libraries that it needs and that the system lacks: to be loaded before it. */
  readonly companions: readonly string[];
}

/** The system on which a library is looked for. Default: this one. */
export interface LibraryPlatform {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  /** Folders in which libraries lie under names that are not known beforehand. Default: those usual on Linux. */
  readonly folders?: readonly string[];
}

/** Names under which loaders find oneDNN, the newest first. */
const names: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libdnnl.so.3", "libdnnl.so.2"],
  darwin: ["libdnnl.3.dylib", "libdnnl.2.dylib", "libdnnl.dylib"],
  win32: ["dnnl.dll"],
};

/** Where Homebrew puts libraries; loaders do not look there. */
const homebrew: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/home/linuxbrew/.linuxbrew/lib/libdnnl.so.3"],
  darwin: ["/opt/homebrew/lib/libdnnl.3.dylib", "/usr/local/lib/libdnnl.3.dylib"],
};

/** Debian's names for its processors. */
const multiarch: Readonly<Partial<Record<string, string>>> = {
  x64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/**
 * Where oneDNN may be, the best place first: only the file that `SENET_ONEDNN` names, where it is set; otherwise what is in the cache, then
 * what the system has. Nothing is opened: `openFirst` tries them.
 *
 * @throws SenetError `file` when `SENET_ONEDNN` names no file
 * @example const [{ path }] = await findLibraries(); // "libdnnl.so.3"
 */
export async function findLibraries(system: LibraryPlatform = {}): Promise<LibraryCandidate[]> {
  const { env = process.env, platform = process.platform } = system;
  const named = env.SENET_ONEDNN;
  if (named) {
    const path = expandHome(named);
    await checkNamed(path);
    return [{ path, source: "environment", companions: [] }];
  }
  const installed = await installedLibraries(libraryCache(env));
  const cached = installed.map(
    ({ path, companions }) => ({ path, source: "cache", companions }) satisfies LibraryCandidate,
  );
  const [newest = [], ...older] = (names[platform] ?? []).map((name) => [name]);
  const numbered = platform === "linux" ? await numberedLibraries(system.folders ?? linuxFolders(env)) : [];
  const paths = [...newest, ...numbered, ...older.flat(), ...(homebrew[platform] ?? []).filter(existsSync)];
  return [
    ...cached,
    ...paths.map((path) => ({ path, source: "system", companions: [] }) satisfies LibraryCandidate),
  ];
}

async function checkNamed(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile()) return;
  const found = facts ? "no file" : "nothing";
  throw new SenetError(
    "file",
    `SENET_ONEDNN: expected the path of oneDNN's library, found ${found} at ${path}; correct it, or unset it to use what is installed.`,
  );
}

/** Debian gives version 3 a name for each minor version, such as `libdnnl.so.3.6`. The newest first. */
async function numberedLibraries(folders: readonly string[]): Promise<string[]> {
  const found: { path: string; version: string }[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const [, version] = /^libdnnl\.so\.(3\.[\d.]*\d)$/.exec(name) ?? [];
      if (version !== undefined) found.push({ path: join(folder, name), version });
    }
  }
  return found.sort((a, b) => compareVersions(b.version, a.version)).map(({ path }) => path);
}

function linuxFolders(env: NodeJS.ProcessEnv): string[] {
  const own = (env.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== "");
  const debian = multiarch[process.arch];
  return [...own, "/usr/local/lib", ...(debian ? [`/usr/lib/${debian}`] : []), "/usr/lib64", "/usr/lib"];
}
