import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { config } from "../../test/support/train-config.ts";
import { buildModel } from "./build.ts";
import { createRunFolder, openRunFolder, runFiles } from "./run-folder-node.ts";

const model = buildModel(config);
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());
const at = (name: string) => join(folder.path, name);
const create = (name: string) => createRunFolder(at(name), { config, model });

it("a run is made only where none of its files lies", async () => {
  for (const file of Object.values(runFiles)) {
    folder.write({ [`old-${file}/${file}`]: "old" });
    expect(await messageOf(() => create(`old-${file}`), folder.path)).toMatch(
      file === "config.json"
        ? /^file: DIR\/old-config\.json: expected no run there yet, found one; resume it or choose another folder\.$/
        : `file: DIR/old-${file}: expected no run there yet, found ${file} of one without its config.json; move them away or choose another folder.`,
    );
    expect(readdirSync(at(`old-${file}`))).toEqual([file]);
  }
});

it("a run is not mixed with other files, but for hidden ones", async () => {
  folder.write({ "docs/thesis.txt": "mine", "hidden/.gitkeep": "" });
  expect(await messageOf(() => create("docs"), folder.path)).toBe(
    "file: DIR/docs: expected an empty folder or none, found other files in it, such as thesis.txt; choose another folder.",
  );
  expect(readdirSync(at("docs"))).toEqual(["thesis.txt"]);
  await create("hidden");
  expect(readdirSync(at("hidden"))).toEqual([".gitkeep", "config.json"]);
});

it("of two runs that begin in one folder at once, one is refused and leaves the other's files", async () => {
  for (let i = 0; i < 10; i++) {
    const outcomes = await Promise.allSettled([create(`both-${i}`), create(`both-${i}`)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(readdirSync(at(`both-${i}`))).toEqual(["config.json"]);
  }
});

it("discarding removes the folders that were made, and no others", async () => {
  folder.write({ "mine/.keep": "", "empty/x": "" });
  await (await create("a/b/c")).discard();
  expect(existsSync(at("a"))).toBe(false);
  await (await create("mine")).discard();
  expect(readdirSync(at("mine"))).toEqual([".keep"]);
  await (await create("mine/deeper")).discard();
  expect(readdirSync(at("mine"))).toEqual([".keep"]);
});

it("discarding a run that another process trains removes nothing", async () => {
  const run = await create("held");
  folder.write({ "held/.lock": "{}" });
  await run.discard();
  expect(readdirSync(at("held")).sort()).toEqual([".lock", "config.json"]);
});

it("discarding an earlier run, or one with a checkpoint, removes nothing", async () => {
  await create("earlier");
  await (await openRunFolder(at("earlier"))).discard();
  expect(readdirSync(at("earlier"))).toEqual(["config.json"]);
  const run = await create("saved");
  await run.save("last", new Map(), {});
  await run.discard();
  expect(readdirSync(at("saved")).sort()).toEqual(["config.json", "last.safetensors"]);
});

it("a folder that cannot be made leaves nothing of those around it", async () => {
  folder.write({ "file.txt": "" });
  for (const name of ["file.txt", "file.txt/x/y"]) {
    expect(await messageOf(() => create(name), folder.path)).toBe(
      `file: DIR/${name}: expected a folder or nothing, found a file there; choose another folder.`,
    );
  }
  expect(await messageOf(() => create(`new/${"n".repeat(300)}`))).toMatch(/^file: /);
  expect(readdirSync(folder.path)).toEqual(["file.txt"]);
});
