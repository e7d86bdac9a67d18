import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CondaServer, condaPackage, startCondaServer } from "../../../test/support/conda-server.ts";
import { messageOf, temporaryFolder } from "../../../test/support/data-fixtures.ts";
import { needs } from "../../../test/support/needs.ts";
import { mountTinyDisk } from "../../../test/support/tiny-disk.ts";
import { findLibraries } from "./find-library-node.ts";
import { installLibrary } from "./install-library-node.ts";
import { libraryCache } from "./installed-libraries-node.ts";

const LIBRARY = Buffer.alloc(300_000, "oneDNN ");
const names = {
  linux: ["lib/libdnnl.so.3.7", "lib/libdnnl.so.3", "lib/libgomp.so.1.0.0"],
  darwin: ["lib/libdnnl.3.7.dylib", "lib/libdnnl.3.dylib", "lib/libomp.dylib"],
}[process.platform as string] ?? ["", "", ""];
const onednn = condaPackage("onednn", {
  [names[1]]: `->${names[0].slice(4)}`,
  [names[0]]: LIBRARY,
  "include/dnnl.h": "// a header",
});
const openmp = condaPackage("openmp", { [names[2]]: "OpenMP" });
const packages = {
  "onednn/3.7.2/onednn-3.7.2-tbb_haaaaaaa_9.conda": condaPackage("tbb", { "lib/other": "other" }),
  "onednn/3.7.2/onednn-3.7.2-omp_haaaaaaa_0.conda": condaPackage("old", { "lib/other": "other" }),
  "onednn/3.7.2/onednn-3.7.2-omp_haaaaaaa_1.conda": onednn,
  "libgomp/14.2.0/libgomp-14.2.0-h77fa898_1.conda": openmp,
  "llvm-openmp/18.1.8/llvm-openmp-18.1.8-hde57baf_1.conda": openmp,
};
const DOWNLOAD = "download/conda-forge/onednn/3.7.2/";

let home: ReturnType<typeof temporaryFolder>;
let server: CondaServer;

beforeEach(async (context) => {
  needs(context, "Linux or macOS", names[0] !== "");
  home = temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", home.path);
  vi.stubEnv("SENET_ONEDNN", "");
  server = await startCondaServer(packages);
});
afterEach(() => {
  server?.close();
  home?.remove();
  vi.unstubAllEnvs();
});

const install = (options = {}) =>
  installLibrary({ from: "conda-forge", baseUrl: server.address, stallMs: 2000, retryMs: 1, ...options });

/** What lies in the cache. */
function inCache(): string[] {
  return existsSync(libraryCache()) ? readdirSync(libraryCache()) : [];
}

/** Programs in front of the system's. */
function withTools(tools: Readonly<Record<string, string>>): void {
  const folder = join(home.path, "bin");
  mkdirSync(folder);
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
}

describe("from conda-forge", () => {
  test("the last build of the pinned version for OpenMP is taken, and found afterwards", async () => {
    const seen: number[] = [];
    const installed = await install({ onProgress: ({ done }: { done: number }) => seen.push(done) });
    expect(installed).toMatchObject({
      version: "3.7.2",
      origin: "onednn 3.7.2 omp_haaaaaaa_1 of conda-forge",
    });
    expect(readFileSync(installed.path).equals(LIBRARY)).toBe(true);
    expect(Math.max(...seen)).toBe(onednn.length);
    const [first] = await findLibraries();
    expect(first).toEqual({ path: installed.path, source: "cache", companions: installed.companions });
  });

  test("a library that the system lacks comes with it", async () => {
    withTools({ ldconfig: "echo 1 libs found; echo '\tlibother.so.1 (libc6) => /usr/lib/libother.so.1'" });
    const { companions } = await install();
    expect(companions.map((path) => readFileSync(path, "utf8"))).toEqual(["OpenMP"]);
  });

  test("a second installation takes the place of the first, also at once", async () => {
    await Promise.all([install(), install(), install()]);
    expect(existsSync((await findLibraries())[0].path)).toBe(true);
    const last = await install();
    expect(inCache().map((name) => join(libraryCache(), name))).toEqual([last.folder]);
  });

  test("a broken connection goes on where it ended", async () => {
    server.troubles.push("break");
    await install();
    const half = onednn.length >> 1;
    expect(server.requests.filter((path) => path.startsWith(DOWNLOAD) && / /.test(path))).toEqual([
      expect.stringContaining(` bytes=${half}-`),
    ]);
  });

  test.each([
    [
      "corrupt",
      /^file: conda-forge's \S+\/onednn-3\.7\.2-omp_haaaaaaa_1\.conda: expected \d+ bytes with SHA-256 [0-9a-f]{12}…, found others, twice; nothing was kept, try again later or from another network\.$/,
    ],
    ["short", /: expected \d+ bytes with SHA-256 [0-9a-f]{12}…, found \d+ bytes, twice; nothing was kept/],
    [
      "missing",
      /^file: conda-forge's \S+\.conda: expected http:\/\/127\.0\.0\.1:\d+ to have it, found status 404; try again later, or install oneDNN by other means\.$/,
    ],
    [
      "busy",
      /^file: conda-forge's \S+\.conda: expected an answer from http:\S+, found none \(status 503, 5 times\); check the network and try again, or install oneDNN by other means\.$/,
    ],
    [
      "die",
      /^file: conda-forge's \S+\.conda: expected an answer from http:\S+, found none \(ECONNREFUSED.*\); check the network and try again, or install oneDNN by other means\.$/,
    ],
  ] as const)("%s: one sentence, nothing installed", async (trouble, sentence) => {
    server.troubles.push(...Array.from({ length: 12 }, () => trouble));
    expect(await messageOf(() => install())).toMatch(sentence);
    expect(inCache()).toEqual([]);
    expect((await findLibraries()).filter(({ source }) => source === "cache")).toEqual([]);
  });

  test("what was installed stays when the next installation fails", async () => {
    const { path } = await install();
    server.close();
    expect(await messageOf(() => install())).toMatch(
      /^file: conda-forge's onednn 3\.7\.2: expected an answer/,
    );
    expect((await findLibraries())[0].path).toBe(path);
  });

  test.each([
    [
      "another checksum",
      packages,
      "0".repeat(64),
      /expected \d+ bytes with SHA-256 000000000000…, found others, twice/,
    ],
    ["no checksum", packages, "none", /to list its builds and their checksums, found something else/],
    [
      "no build",
      { "onednn/3.7.2/onednn-3.7.2-tbb_h1_0.conda": onednn },
      undefined,
      /found no build omp_… for \S+-\S+; try/,
    ],
    [
      "no version",
      { "onednn/3.6.0/onednn-3.6.0-omp_h1_0.conda": onednn },
      undefined,
      /to have it, found status 404/,
    ],
    [
      "no archive",
      { "onednn/3.7.2/onednn-3.7.2-omp_h1_0.conda": LIBRARY },
      undefined,
      /expected a zip archive's directory/,
    ],
    [
      "no library",
      { "onednn/3.7.2/onednn-3.7.2-omp_h1_0.conda": openmp },
      undefined,
      /expected a file .+ in the package, found none/,
    ],
  ] as const)("%s: one sentence, nothing installed", async (_, served, lie, sentence) => {
    server.close();
    server = await startCondaServer(served, lie);
    expect(await messageOf(() => install())).toMatch(sentence);
    expect(inCache()).toEqual([]);
  });

  test("a full disk is said, and the library on it stays", async (context) => {
    const disk = join(home.path, "disk");
    mkdirSync(disk);
    needs(context, "the right to mount a small disk", mountTinyDisk(disk, 800));
    try {
      vi.stubEnv("XDG_CACHE_HOME", disk);
      const { path } = await install();
      expect(await messageOf(() => install(), disk)).toMatch(
        /^file: disk full: DIR\S+ could not be written; free some space/,
      );
      expect(inCache()).toHaveLength(1);
      expect((await findLibraries())[0].path).toBe(path);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  test("what cannot be opened is not installed", async () => {
    const check = async ({ path }: { path: string }) => {
      expect(readFileSync(path).equals(LIBRARY)).toBe(true);
      throw new Error(`${path}: expected a good one, found a bad one; do something.`);
    };
    expect(await messageOf(() => install({ check }))).toBe(
      "engine: onednn 3.7.2 omp_haaaaaaa_1 of conda-forge: expected a good one, found a bad one; nothing was installed, take it from elsewhere (`from`) or install oneDNN by other means.",
    );
    expect(inCache()).toEqual([]);
  });

  test("it can be stopped, and called again", async () => {
    server.troubles.push("break");
    const stop = new AbortController();
    const stopping = { signal: stop.signal, onProgress: () => stop.abort(new Error("stopped")) };
    await expect(install(stopping)).rejects.toThrow("stopped");
    expect(inCache()).toEqual([]);
    await install();
  });
});

describe("by apt", () => {
  /** A package with one file, made by the system's own tool. */
  function debianPackage(name: string, fields: string, path: string, content: string): string {
    const root = join(home.path, name);
    mkdirSync(join(root, "DEBIAN"), { recursive: true });
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(
      join(root, "DEBIAN/control"),
      `Package: ${name}\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n${fields}\n`,
    );
    writeFileSync(join(root, path), content);
    execFileSync("dpkg-deb", ["--build", root, join(home.path, `${name}_1_all.deb`)], { stdio: "pipe" });
    return join(home.path, `${name}_1_all.deb`);
  }

  beforeEach((context) => {
    const isThere = process.platform === "linux" && existsSync("/usr/bin/dpkg-deb");
    needs(context, "dpkg-deb", isThere);
    debianPackage(
      "libdnnl3.6",
      "Version: 1:3.7.2-2\nDepends: libc6 (>= 2.34), libgomp1 (>= 4.9), ocl-icd-libopencl1 | libopencl1",
      "usr/lib/some-linux/libdnnl.so.3.7",
      "oneDNN",
    );
    debianPackage("libgomp1", "Version: 12", "usr/lib/some-linux/libgomp.so.1.0.0", "OpenMP");
  });

  const knows = aptCache({ libdnnl2: "2.6.3-1", "libdnnl3.6": "1:3.7.2-2" });

  /** An apt-cache that knows these packages. */
  function aptCache(versions: Readonly<Record<string, string>>): string {
    const facts = Object.entries(versions).map(
      ([name, version]) => `Package: ${name}\nVersion: ${version}\n\n`,
    );
    const names = Object.keys(versions).map((name) => `${name} - oneDNN\n`);
    return `[ "$1" = search ] && printf '${names.join("")}' || printf '${facts.join("")}'`;
  }

  const downloads = () =>
    `[ "$2" = --print-uris ] && echo "'http://x/y.deb' y.deb 1000 SHA256:00" || cp ${home.path}/$2_1_all.deb .`;

  test("the newest package is unpacked, with a library that the system lacks", async () => {
    withTools({
      "apt-cache": knows,
      "apt-get": downloads(),
      ldconfig: "echo '\tlibOpenCL.so.1 (libc6,x86-64) => /usr/lib/libOpenCL.so.1'",
    });
    const installed = await installLibrary();
    expect(installed).toMatchObject({ version: "3.7.2", origin: "libdnnl3.6 1:3.7.2-2 by apt" });
    expect(readFileSync(installed.path, "utf8")).toBe("oneDNN");
    expect(installed.companions.map((path) => readFileSync(path, "utf8"))).toEqual(["OpenMP"]);
    expect(installed.companions[0].endsWith("/libgomp.so.1")).toBe(true);
    expect(server.requests).toEqual([]);
  });

  test.each([
    [
      "echo 'E: Failed to fetch http://x  Could not resolve' >&2; exit 100",
      /found E: Failed to fetch http:\/\/x {2}Could not resolve; try again later, run `apt-get update` as root, or take conda-forge's \(`from` "conda-forge"\)\.$/,
    ],
    ["exit 0", /expected apt-get download to succeed, found no package there afterwards/],
    ["echo no package > libdnnl3.6_1_all.deb", /expected dpkg-deb -f to succeed, found dpkg-deb: error: /],
  ])("%s: one sentence, nothing installed", async (script, sentence) => {
    withTools({ "apt-cache": knows, "apt-get": script });
    expect(await messageOf(() => installLibrary())).toMatch(sentence);
    expect(inCache()).toEqual([]);
  });

  test.each([
    ["none", "exit 0"],
    ["an old one", aptCache({ libdnnl2: "2.2.4+ds-2" })],
  ])("where apt knows %s, conda-forge's is taken, unless apt was asked for", async (_, old) => {
    withTools({ "apt-cache": old });
    expect(await messageOf(() => installLibrary({ from: "apt" }))).toBe(
      'file: from: expected an apt that knows oneDNN from version 2.6 on, found none; run `apt-get update` as root, or take conda-forge\'s (`from` "conda-forge").',
    );
    const { origin } = await install({ from: undefined });
    expect(origin).toContain("conda-forge");
  });
});
