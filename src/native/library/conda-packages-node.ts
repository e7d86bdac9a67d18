import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SenetError } from "../../base/errors.ts";
import { readPackedFile } from "../../files/archives/conda-archive.ts";
import { fileSource } from "../../files/byte-source-node.ts";
import { type Connection, fetchWhole } from "../../files/download/connection-node.ts";
import { download, type FileFacts } from "../../files/download/download-node.ts";
import type { InstallSettings } from "./install-options.ts";
import type { LibraryFacts } from "./installed-libraries-node.ts";
import { loaderHas } from "./loader-has-node.ts";

// Name, version and variant are pinned here; the checksum of a build is what anaconda.org says of it, in an answer of its own, when it is
// installed. Nothing else is known of a build beforehand: conda-forge builds one version several times.

/** A package, and the library in it. */
interface CondaPackage {
  readonly name: string;
  readonly version: string;
  /** How the name of a build begins: with the threads that it is built for. */
  readonly build: string;
  /** Path of the library in the package; its other names are links to it. */
  readonly file: RegExp;
  /** The name to keep it under. */
  readonly saveAs: string;
}

/** What a platform needs: oneDNN first, then libraries that it loads. */
interface CondaPlatform {
  /** conda's name of the platform. */
  readonly subdir: string;
  readonly packages: readonly CondaPackage[];
}

/** Debian 13's version. */
const VERSION = "3.7.2";

function oneDnn(file: RegExp, saveAs: string): CondaPackage {
  return { name: "onednn", version: VERSION, build: "omp_", file, saveAs };
}

const onLinux = [
  oneDnn(/^lib\/libdnnl\.so\.3\.\d[\d.]*$/, "libdnnl.so.3"),
  {
    name: "libgomp",
    version: "14.2.0",
    build: "",
    file: /^lib\/libgomp\.so\.1\.0\.0$/,
    saveAs: "libgomp.so.1",
  },
];
const onMac = [
  oneDnn(/^lib\/libdnnl\.3\.\d[\d.]*\.dylib$/, "libdnnl.3.dylib"),
  {
    name: "llvm-openmp",
    version: "18.1.8",
    build: "",
    file: /^lib\/libomp\.dylib$/,
    saveAs: "libomp.dylib",
  },
];
const onWindows = [oneDnn(/^Library\/bin\/dnnl\.dll$/, "dnnl.dll")];

const platforms: Readonly<Record<string, CondaPlatform>> = {
  "linux-x64": { subdir: "linux-64", packages: onLinux },
  "linux-arm64": { subdir: "linux-aarch64", packages: onLinux },
  "darwin-x64": { subdir: "osx-64", packages: onMac },
  "darwin-arm64": { subdir: "osx-arm64", packages: onMac },
  "win32-x64": { subdir: "win-64", packages: onWindows },
};

const SERVER = "https://api.anaconda.org";
/** Longest answer about a package, in bytes. */
const MAX_ANSWER_BYTES = 20_000_000;
/** Largest package, in bytes: oneDNN's have 5 to 16 million. */
const MAX_PACKAGE_BYTES = 200_000_000;

const buildSchema = z.object({
  basename: z.string().regex(/^[\w-]+\/[\w.+-]+$/),
  size: z.number().int().min(1).max(MAX_PACKAGE_BYTES),
  attrs: z.object({ subdir: z.string(), build: z.string(), build_number: z.number().int() }),
});
const releaseSchema = z.object({ distributions: z.array(z.unknown()) });
const checksumSchema = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

type Build = z.infer<typeof buildSchema>;

/** Whether conda-forge has packages for this platform. Those for Linux need glibc, which Node is asked for. */
export function hasCondaPackages(): boolean {
  return platformHere() !== undefined;
}

function platformHere(): CondaPlatform | undefined {
  if (process.platform === "linux" && !isGlibc()) return undefined;
  return platforms[`${process.platform}-${process.arch}`];
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

/**
 * Downloads conda-forge's packages for this platform and takes the libraries out of them.
 *
 * @param folder empty; the libraries come to lie in `folder/files`
 * @throws SenetError `file` for everything that network and packages can do
 */
export async function unpackFromConda(folder: string, settings: InstallSettings): Promise<LibraryFacts> {
  const platform = platformHere();
  if (!platform) throw new TypeError("hasCondaPackages() was not asked");
  await mkdir(join(folder, "files"));
  const [library, ...others] = platform.packages;
  const origin = await unpackPackage(library, platform.subdir, folder, settings);
  const companions: string[] = [];
  for (const other of others) {
    if (await loaderHas(other.saveAs)) continue;
    await unpackPackage(other, platform.subdir, folder, settings);
    companions.push(other.saveAs);
  }
  return { version: library.version, origin, library: library.saveAs, companions };
}

/** @returns which build it is */
async function unpackPackage(
  wanted: CondaPackage,
  subdir: string,
  folder: string,
  settings: InstallSettings,
): Promise<string> {
  const connection = connectionOf(settings);
  const { build, facts } = await chooseBuild(connection, wanted, subdir);
  const what = `conda-forge's ${build.basename}`;
  const path = `conda-forge/${wanted.name}/${wanted.version}/${build.basename}`;
  const url = `${connection.endpoint}/download/${path}`;
  const onBytes = (done: number) => settings.onProgress?.({ done, total: facts.size, what });
  const archive = await download(connection, { what, url, ...facts }, folder, onBytes);
  const source = await fileSource(archive);
  try {
    const bytes = await readPackedFile({ ...source, what }, wanted.file);
    settings.signal?.throwIfAborted();
    await writeFile(join(folder, "files", wanted.saveAs), bytes);
  } finally {
    await source.dispose();
  }
  return `${wanted.name} ${wanted.version} ${build.attrs.build} of conda-forge`;
}

/** The last build of a package's version for a platform, and the checksum of its archive. */
async function chooseBuild(
  connection: Connection,
  { name, version, build: variant }: CondaPackage,
  subdir: string,
): Promise<{ build: Build; facts: FileFacts }> {
  const what = `conda-forge's ${name} ${version}`;
  const release = `conda-forge/${name}/${version}`;
  const { distributions } = await ask(connection, `release/${release}`, releaseSchema, what);
  const [build] = distributions
    .map((entry) => buildSchema.safeParse(entry).data)
    .filter((entry) => entry !== undefined)
    .filter(({ basename, attrs }) => basename.endsWith(".conda") && attrs.subdir === subdir)
    .filter(({ attrs }) => attrs.build.startsWith(variant))
    .sort((a, b) => b.attrs.build_number - a.attrs.build_number);
  if (!build) throw badAnswer(connection, what, `no build ${variant}… for ${subdir}`);
  const { sha256 } = await ask(connection, `dist/${release}/${build.basename}`, checksumSchema, what);
  return { build, facts: { size: build.size, checksum: { kind: "sha256", hex: sha256 } } };
}

async function ask<T>(connection: Connection, path: string, schema: z.ZodType<T>, what: string): Promise<T> {
  const limit = {
    maxBytes: MAX_ANSWER_BYTES,
    tooLong: () => badAnswer(connection, what, `more than ${MAX_ANSWER_BYTES} bytes`),
  };
  const url = `${connection.endpoint}/${path}`;
  const answer = await fetchWhole(connection, url, { accept: "application/json" }, what, limit);
  try {
    return schema.parse(await answer.json());
  } catch (cause) {
    throw badAnswer(connection, what, "something else", cause);
  }
}

function connectionOf({ baseUrl = SERVER, stallMs = 30_000, retryMs = 1000, signal }: InstallSettings) {
  return {
    endpoint: baseUrl.replace(/\/+$/, ""),
    fetch,
    stallMs,
    retryMs,
    signal,
    refusal(status, _, what) {
      return new SenetError(
        "file",
        `${what}: expected ${baseUrl} to have it, found status ${status}; try again later, or install oneDNN by other means.`,
      );
    },
    otherwise: "or install oneDNN by other means",
  } satisfies Connection;
}

function badAnswer({ endpoint }: Connection, what: string, found: string, cause?: unknown): SenetError {
  return new SenetError(
    "file",
    `${what}: expected ${endpoint} to list its builds and their checksums, found ${found}; try again later, or install oneDNN by other means.`,
    { cause },
  );
}
