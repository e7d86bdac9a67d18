import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { createModel } from "../models/create-model.ts";
import { expandSpec } from "./expand-spec.ts";
import { presetNames, readSpec } from "./read-spec-node.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());

describe("presets", async () => {
  it.each(await presetNames())("%s builds, with three seeds and different networks", async (name) => {
    const spec = await readSpec(name);
    expect(spec.seeds.length).toBeGreaterThanOrEqual(3);
    const variants = expandSpec(spec);
    for (const { model, se } of variants) {
      createModel(model, { input: [1, 28, 28], ...(se !== undefined && { se }) });
    }
    expect(new Set(variants.map(({ se }) => JSON.stringify(se))).size).toBe(variants.length);
  });

  it("an unknown one is refused, with the nearest", async () => {
    expect(await messageOf(() => readSpec("reduction"))).toBe(
      `unknown-name: Experiment "reduction" is not known (did you mean "reduction-ratio"?); the presets are ${(await presetNames()).join(", ")}, and a spec of your own is a path, such as ./experiment.yaml.`,
    );
  });
});

it("a mistake in YAML is refused, with its line", async () => {
  folder.write({ "bad.yaml": "name: a\nseeds: [1, 2\nmodels: x\n" });
  expect(await messageOf(() => readSpec(join(folder.path, "bad.yaml")))).toMatch(
    /bad\.yaml, line \d+: expected YAML, found a mistake \(.+\); correct the spec\.$/,
  );
});

it.each([
  [
    "anchors in anchors",
    "a: &a [x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n",
  ],
  ["an anchor that is not there", "data: *nothing\n"],
])("%s are refused", async (_, text) => {
  folder.write({ "anchors.yaml": text });
  expect(await messageOf(() => readSpec(join(folder.path, "anchors.yaml")))).toMatch(
    /^usage: .*anchors\.yaml.*: expected YAML.*, found a mistake \(.+\); correct the spec\.$/,
  );
});

it("JSON is YAML, and a file that is not there is refused", async () => {
  const spec = { name: "j", data: "d", models: ["m"], seeds: [0], grid: { reduction: [2] } };
  folder.write({ "s.json": JSON.stringify(spec) });
  expect(await readSpec(join(folder.path, "s.json"))).toEqual(spec);
  expect(await messageOf(() => readSpec(join(folder.path, "none.yaml")))).toMatch(/^file: .*none\.yaml/);
});
