import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf, SenetError } from "../../base/errors.ts";
import { fileError } from "../../files/file-error.ts";
import { compareVersions, OLDEST_VERSION } from "./compare-versions.ts";
import type { InstallSettings } from "./install-options.ts";
import type { LibraryFacts } from "./installed-libraries-node.ts";
import { loaderHas } from "./loader-has-node.ts";
import { runTool } from "./run-tool-node.ts";

/** Packages that Debian's oneDNN depends on and that a small system lacks, and the library in each. */
const companionPackages: Readonly<Record<string, string>> = {
  libgomp1: "libgomp.so.1",
  "ocl-icd-libopencl1": "libOpenCL.so.1",
};

/** How often the size of a file that apt downloads is looked at. */
const POLL_MS = 200;

/**
 * The package with the newest oneDNN that apt knows here; undefined on systems without apt, or where it knows none that is new enough.
 *
 * @example await aptPackage() // "libdnnl2", on Debian 12
 */
export async function aptPackage(): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const { status } = await runTool("dpkg-deb", ["--version"]);
  const names = await runTool("apt-cache", ["search", "--names-only", "^libdnnl[0-9]"]);
  const known = [...names.stdout.matchAll(/^libdnnl[\d.]+(?:t64)? /gm)].map(([name]) => name.trim());
  if (status !== 0 || known.length === 0) return undefined;
  const { stdout } = await runTool("apt-cache", ["show", "--no-all-versions", ...known]);
  const packages = stdout.split("\n\n").flatMap((text) => {
    const [name, version] = [/^Package: (\S+)$/m, /^Version: (\S+)$/m].map((line) => line.exec(text)?.[1]);
    return name === undefined || version === undefined ? [] : [{ name, version: upstreamOf(version) }];
  });
  const [newest] = packages.sort((a, b) => compareVersions(b.version, a.version));
  return newest && compareVersions(newest.version, OLDEST_VERSION) >= 0 ? newest.name : undefined;
}

/** @example upstreamOf("1:3.7.2+ds-2") // "3.7.2" */
function upstreamOf(version: string): string {
  return /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "0";
}

/**
 * Downloads and unpacks a package by apt, which compares the checksum with the one that the distribution has signed. Needs no root.
 *
 * @param folder empty; the libraries come to lie in `folder/files`
 * @throws SenetError `file` when apt cannot download it, or it is not what was expected
 */
export async function unpackByApt(
  name: string,
  folder: string,
  settings: InstallSettings,
): Promise<LibraryFacts> {
  const archive = await downloadPackage(name, folder, settings);
  const fields = await check(name, "dpkg-deb", ["-f", archive, "Version", "Depends"], folder, settings);
  const [, version = ""] = /^Version: (.+)$/m.exec(fields) ?? [];
  const files = join(folder, "files");
  await mkdir(files);
  const library = await takeLibrary(name, archive, /^libdnnl\.so\.[\d.]+$/, folder, settings);
  await copyFile(library.path, join(files, library.name));
  const companions: string[] = [];
  for (const [companion, soname] of Object.entries(companionPackages)) {
    if (!new RegExp(`[ ,|:]${companion}\\b`).test(fields) || (await loaderHas(soname))) continue;
    const other = await downloadPackage(companion, folder, settings);
    const pattern = new RegExp(`^${soname.replaceAll(".", "\\.")}\\.[\\d.]+$`);
    const { path } = await takeLibrary(companion, other, pattern, folder, settings);
    await copyFile(path, join(files, soname));
    companions.push(soname);
  }
  return {
    version: upstreamOf(version),
    origin: `${name} ${version} by apt`,
    library: library.name,
    companions,
  };
}

/** @returns path of the archive */
async function downloadPackage(name: string, folder: string, settings: InstallSettings): Promise<string> {
  const archives = join(folder, `${name}-archive`);
  await mkdir(archives);
  const plan = await check(name, "apt-get", ["download", "--print-uris", name], archives, settings);
  const [, total] = /^'.+' \S+ (\d+)/m.exec(plan) ?? [];
  const what = `${name} by apt`;
  const poll = setInterval(async () => {
    settings.onProgress?.({ done: await sizeOf(archives), total: Number(total ?? 0), what });
  }, POLL_MS);
  try {
    await check(name, "apt-get", ["download", name], archives, settings);
  } finally {
    clearInterval(poll);
  }
  const [archive] = (await readdir(archives)).filter((file) => file.endsWith(".deb"));
  if (archive !== undefined) return join(archives, archive);
  throw failed(name, "apt-get download", "no package there afterwards");
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const facts = await stat(join(folder, name)).catch(() => undefined); // renamed meanwhile
    if (facts?.isFile()) bytes += facts.size;
  }
  return bytes;
}

/** Unpacks a package and finds the library in it. */
async function takeLibrary(
  name: string,
  archive: string,
  pattern: RegExp,
  folder: string,
  settings: InstallSettings,
): Promise<{ path: string; name: string }> {
  const root = join(folder, `${name}-root`);
  await check(name, "dpkg-deb", ["-x", archive, root], folder, settings);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    // Names of other versions are links to the file.
    if (entry.isFile() && pattern.test(entry.name))
      return { path: join(entry.parentPath, entry.name), name: entry.name };
  }
  throw failed(name, "dpkg-deb", `no file ${pattern.source} in the package`);
}

/** Runs a tool. @returns what it printed */
async function check(
  name: string,
  tool: string,
  args: readonly string[],
  cwd: string,
  { signal }: InstallSettings,
): Promise<string> {
  const { status, stdout, stderr } = await runTool(tool, args, { cwd, signal });
  if (status === 0) return stdout;
  if (/No space left on device|Disk quota exceeded/i.test(stderr)) {
    throw fileError("write", cwd, Object.assign(new Error(stderr), { code: "ENOSPC" }));
  }
  const reason = /^(?:E|dpkg-deb: error): .+$/m.exec(stderr)?.[0] ?? reasonOf(stderr);
  throw failed(name, `${tool} ${args[0]}`, reason);
}

function failed(name: string, tool: string, reason: string): SenetError {
  return new SenetError(
    "file",
    `${name}: expected ${tool} to succeed, found ${reason.replace(/\.$/, "")}; try again later, run \`apt-get update\` as root, or take conda-forge's (\`from\` "conda-forge").`,
  );
}
