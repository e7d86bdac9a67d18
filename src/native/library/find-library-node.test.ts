import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { folderOf } from "../../../test/support/folder-of.ts";
import { findLibraries } from "./find-library-node.ts";
import { openFirst } from "./open-first.ts";

/** Without Homebrew's, which may be on this machine. */
const pathsOf = async (system: Parameters<typeof findLibraries>[0]) =>
  (await findLibraries(system)).map(({ path }) => path).filter((path) => !/brew|^\/usr\/local/.test(path));

test("names of the loader on each system, versions that Debian numbers among them", async () => {
  const { path } = folderOf({
    "a/libdnnl.so": "",
    "a/libdnnl.so.3.6": "",
    "a/libdnnl.so.3.10": "",
    "a/libdnnl.so.2.6": "",
    "b/libdnnl.so.3.7": "",
  });
  const env = { XDG_CACHE_HOME: path };
  const folders = [join(path, "a"), join(path, "b"), join(path, "missing")];
  expect(await pathsOf({ env, platform: "linux", folders })).toEqual([
    "libdnnl.so.3",
    join(path, "a/libdnnl.so.3.10"),
    join(path, "b/libdnnl.so.3.7"),
    join(path, "a/libdnnl.so.3.6"),
    "libdnnl.so.2",
  ]);
  expect(await pathsOf({ env, platform: "darwin" })).toEqual([
    "libdnnl.3.dylib",
    "libdnnl.2.dylib",
    "libdnnl.dylib",
  ]);
  expect(await pathsOf({ env, platform: "win32" })).toEqual(["dnnl.dll"]);
  expect(await pathsOf({ env, platform: "aix" })).toEqual([]);
});

test("SENET_ONEDNN alone is used where it is set, and refused where it names no file", async () => {
  const { path } = folderOf({ "libdnnl.so.2": "" });
  const file = join(path, "libdnnl.so.2");
  expect(await findLibraries({ env: { SENET_ONEDNN: file } })).toEqual([
    { path: file, source: "environment", companions: [] },
  ]);
  expect(await messageOf(() => findLibraries({ env: { SENET_ONEDNN: `${file}.7` } }), path)).toBe(
    "file: SENET_ONEDNN: expected the path of oneDNN's library, found nothing at DIR/libdnnl.so.2.7; correct it, or unset it to use what is installed.",
  );
  expect(await messageOf(() => findLibraries({ env: { SENET_ONEDNN: path } }), path)).toContain(
    "found no file at DIR;",
  );
});

test("a library in the cache comes first; what is damaged there is passed over", async () => {
  const { path } = folderOf({});
  const cache = join(path, "senet/onednn", `${process.platform}-${process.arch}`);
  const facts = { version: "3.7.2", origin: "a test", library: "libdnnl.so.3", companions: ["libgomp.so.1"] };
  const install = (name: string, text: string, files: readonly string[]) => {
    mkdirSync(join(cache, name), { recursive: true });
    writeFileSync(join(cache, name, "library.json"), text);
    for (const file of files) writeFileSync(join(cache, name, file), "");
  };
  const both = ["libdnnl.so.3", "libgomp.so.1"];
  install("old", JSON.stringify({ ...facts, installedAt: 1 }), both);
  install("new", JSON.stringify({ ...facts, installedAt: 2 }), both);
  install("half", JSON.stringify({ ...facts, installedAt: 3 }), ["libdnnl.so.3"]);
  install("outside", JSON.stringify({ ...facts, library: "../new/libdnnl.so.3", installedAt: 4 }), both);
  install("torn", '{"version": "3', both);
  const found = await findLibraries({ env: { XDG_CACHE_HOME: path }, platform: "win32" });
  const at = (name: string) => ({
    path: join(cache, name, "libdnnl.so.3"),
    source: "cache",
    companions: [join(cache, name, "libgomp.so.1")],
  });
  expect(found).toEqual([at("new"), at("old"), { path: "dnnl.dll", source: "system", companions: [] }]);
});

test("the first library that opens is taken; one that the environment names is not replaced", async () => {
  const at = (path: string, source: "system" | "environment") => ({ path, source, companions: [] });
  const open = ({ path }: { path: string }) => {
    if (path.startsWith("bad")) throw new Error(`${path}: no library.`);
    return path.length;
  };
  const good = at("good", "system");
  expect(await openFirst([at("bad", "system"), good], open)).toEqual({
    candidate: good,
    library: 4,
    refused: [{ candidate: at("bad", "system"), reason: "bad: no library" }],
  });
  const bad = at("bad", "system");
  expect(await openFirst([bad], open)).toEqual({
    candidate: undefined,
    refused: [{ candidate: bad, reason: "bad: no library" }],
  });
  const none = at("libdnnl.so.3", "system");
  const failing = (reason: string) =>
    openFirst([none], () => {
      throw new Error(`libdnnl.so.3: found something else (Failed to load shared library: ${reason})`);
    });
  const absent = await failing("cannot open shared object file: No such file or directory");
  expect(absent).toEqual({ candidate: undefined, refused: [] });
  const lacking = await failing("libgomp.so.1: cannot open shared object file: No such file or directory");
  expect(lacking.refused).toHaveLength(1);
  await expect(openFirst([at("bad", "environment"), good], open)).rejects.toThrow("bad: no library");
});
