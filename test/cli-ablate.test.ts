import { readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { buildCli, idxFiles, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const spec = {
  name: "tiny",
  about: "does it run?",
  data: "idx",
  models: ["seresnet8"],
  train: { epochs: 2, batch: 8, lr: 0.05 },
  seeds: [0, 1],
  configurations: [
    { name: "plain", se: false },
    { name: "as it is" },
    { name: "the same", se: undefined },
    { name: "grid", se: { squeeze: "grid", grid: 2 } },
  ],
};
const write = (file: string, changes: object = {}) =>
  folder.write({ [file]: JSON.stringify({ ...spec, ...changes }) });
const ablate = (...args: string[]) => ["ablate", ...args, "--threads", "1"];

beforeAll(() => {
  buildCli();
  for (const [name, bytes] of Object.entries(idxFiles())) folder.write({ [`idx/${name}`]: bytes });
  write("tiny.yaml");
  folder.write({ "held/.lock": JSON.stringify({ pid: process.pid, host: hostname() }) });
});
afterAll(() => folder.remove());

/** When each training's result and weights were written. */
function timesOf(out: string): Record<string, number> {
  const runs = readdirSync(join(cwd, out, "runs"));
  const files = runs.flatMap((run) =>
    ["result.json", "last.safetensors"].map((file) => join(out, "runs", run, file)),
  );
  return Object.fromEntries(
    files.flatMap((file) => {
      const found = statSync(join(cwd, file), { throwIfNoEntry: false });
      return found ? [[file, found.mtimeMs]] : [];
    }),
  );
}

it("interrupted, goes on, trains equal configurations once, and repeats nothing", async () => {
  const stopped = await senet(cwd, ablate("tiny.yaml", "--out", "out"), { text: "1/6", action: "interrupt" });
  expect(stopped.status, stopped.stderr).toBe(130);
  expect(stopped.stdout).toBe("stopped and saved; the same command goes on\n");
  const before = timesOf("out");
  const done = Object.keys(before).filter((file) => file.endsWith("result.json")).length;
  expect(done).toBeGreaterThanOrEqual(1);
  expect(done).toBeLessThan(6);

  const killed = await senet(cwd, ablate("tiny.yaml", "--out", "out"), {
    text: "estimated",
    action: "kill",
    argument: 300,
  });
  expect(["SIGKILL", 0]).toContain(killed.status);

  const whole = await senet(cwd, ablate("tiny.yaml", "--out", "out"));
  expect(whole.status, whole.stderr).toBe(0);
  const after = timesOf("out");
  expect(Object.keys(after)).toHaveLength(12);
  for (const file of Object.keys(before).filter((name) => name.endsWith("result.json"))) {
    expect(after[file], file).toBe(before[file]);
    const weights = file.replace("result.json", "last.safetensors");
    expect(after[weights], weights).toBe(before[weights]);
  }
  expect(whole.stdout).toMatch(/^plain .*\nas it is .*\nthe same .*\ngrid /m);

  const again = await senet(cwd, [...ablate("tiny.yaml", "--out", "out"), "--json"]);
  expect(again.stderr).toContain("4 configurations, 6 trainings, 6 of them done already");
  expect(again.stderr).not.toContain("1/");
  expect(timesOf("out")).toEqual(after);
  const json = JSON.parse(again.stdout);
  expect(json).toEqual(JSON.parse(readFileSync(join(cwd, "out/results.json"), "utf8")));
  expect(json.configurations.map(({ name }: { name: string }) => name)).toEqual([
    "plain",
    "as it is",
    "the same",
    "grid",
  ]);
  expect(json.configurations[1].runs).toEqual(json.configurations[2].runs);
  expect(json.configurations[0].runs).toHaveLength(2);
});

it("is computed by the engine of its first training, and names it", async () => {
  write("engines.yaml", { name: "engines", configurations: spec.configurations.slice(0, 2) });
  const seeds = (list: string) =>
    ablate("engines.yaml", "--out", "engines", "--epochs", "1", "--seeds", list);
  vi.stubEnv("SENET_ONEDNN", join(cwd, "idx/t10k-labels-idx1-ubyte")); // no library
  const first = await senet(cwd, seeds("0"));
  vi.unstubAllEnvs();
  expect(first.stderr.match(/^note: training on ONNX Runtime; .*oneDNN/gm)).toHaveLength(1);
  expect((await senet(cwd, seeds("0,1"))).status).toBe(0);
  const [header, ...rows] = readFileSync(join(cwd, "engines/results.csv"), "utf8").trim().split("\n");
  const engines = rows.map((row) => row.split(",")[header.split(",").indexOf("engine")]);
  expect(engines).toEqual(["onnxruntime", "onnxruntime", "onnxruntime", "onnxruntime"]);
});

it("writes a line a training as CSV, and a page with two charts and the command", () => {
  const lines = readFileSync(join(cwd, "out/results.csv"), "utf8").trim().split("\n");
  expect(lines).toHaveLength(1 + 4 * 2);
  const html = readFileSync(join(cwd, "out/report.html"), "utf8");
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).toContain("senet ablate tiny.yaml --out out --threads 1");
});

it("an interrupted training ends with the weights of one that was not", async () => {
  const whole = await senet(cwd, ablate("tiny.yaml", "--out", "whole"));
  expect(whole.status, whole.stderr).toBe(0);
  for (const run of readdirSync(join(cwd, "whole/runs"))) {
    const [one, other] = ["whole", "out"].map((out) => {
      const { test } = JSON.parse(readFileSync(join(cwd, out, "runs", run, "result.json"), "utf8"));
      return test;
    });
    expect(one).toEqual(other);
  }
});

it("--dry-run says what would be done and leaves nothing", async () => {
  const { status, stdout } = await senet(cwd, [
    ...ablate("tiny.yaml", "--out", "dry", "--seeds", "4,5,6"),
    "--dry-run",
    "--json",
  ]);
  expect(status).toBe(0);
  const { configurations, estimatedSeconds } = JSON.parse(stdout);
  expect(
    configurations.map(({ trainings, done }: { trainings: number; done: number }) => [trainings, done]),
  ).toEqual(Array(4).fill([3, 0]));
  expect(estimatedSeconds).toBeGreaterThan(0);
  expect(readdirSync(cwd)).not.toContain("dry");
});

it("is stopped while it measures latency, too", async () => {
  write("short.yaml", {
    train: { epochs: 1, batch: 8 },
    seeds: [0],
    configurations: spec.configurations.slice(0, 1),
  });
  const args = ablate("short.yaml", "--out", "short");
  const { status, stdout } = await senet(cwd, args, { text: "1/1", action: "interrupt" });
  expect([status, stdout]).toEqual([130, "stopped and saved; the same command goes on\n"]);
  expect(readdirSync(join(cwd, "short")).sort()).toEqual(["experiment.json", "runs"]);
});

it("lists the presets", async () => {
  const { stdout } = await senet(cwd, ["ablate", "--list"]);
  expect(stdout).toMatch(/^reduction-ratio +How small may the hidden layer be\? \(Table 10\)$/m);
});

it.each<[what: string, changes: object, args: string[], status: number, sentence: string | RegExp]>([
  [
    "a folder of another experiment",
    { name: "other" },
    ["--out", "out"],
    1,
    'senet: out: expected an empty folder, none, or the experiment "other", found the experiment "tiny"; choose another folder.\n',
  ],
  [
    "a folder of something else",
    {},
    ["--out", "idx"],
    1,
    /^senet: idx: expected an empty folder, none, or the experiment "tiny", found other files, such as .+; choose another folder\.$/m,
  ],
  [
    "a file in the place of the folder",
    {},
    ["--out", "tiny.yaml"],
    1,
    "senet: tiny.yaml: expected a folder or nothing, found a file; choose another folder.\n",
  ],
  [
    "a folder in which another one trains",
    {},
    ["--out", "held"],
    1,
    new RegExp(
      `^senet: held: expected no other process at work in it, found the lock of process ${process.pid} on `,
      "m",
    ),
  ],
  [
    "batches larger than the data",
    { train: { batch: 64 } },
    ["--out", "large"],
    1,
    'senet: Configuration "plain": idx: expected at least 64 samples for one full batch, found 40; ',
  ],
  [
    "a border beyond the image, as train does",
    { train: { ...spec.train, augment: { pad: 4 } } },
    [],
    2,
    'senet: Configuration "plain": `pad`: expected less than half a side of the 8×8 images of idx, found 4; choose a smaller one.\n',
  ],
  [
    "an SE option that there is not",
    { grid: { reductoin: [2] } },
    [],
    2,
    /^senet: Configuration "reductoin 2": Model seresnet8, `se`: there is no option "reductoin" \(did you mean "reduction"\?\)/m,
  ],
  [
    "a hidden layer without units",
    { grid: { hidden: [[0]] } },
    [],
    2,
    /^senet: Configuration "hidden \[0\]": Model seresnet8: expected the `hidden` of its SE blocks to be .+, found \[0\]/m,
  ],
  [
    "a grid finer than the map",
    { se: { squeeze: "grid" }, grid: { grid: [9] } },
    [],
    2,
    /^senet: Configuration "grid 9": .*9/m,
  ],
  [
    "an experiment of days",
    { train: { ...spec.train, epochs: 100_000_000 } },
    ["--out", "days"],
    2,
    /^senet: bad\.yaml: expected an experiment of at most 6 hours, found one of about [\d,]+ days; give --yes to begin it all the same, or fewer --seeds, --epochs or a --limit\.$/m,
  ],
])("refuses %s", async (_, changes, args, status, sentence) => {
  write("bad.yaml", changes);
  const outcome = await senet(cwd, ablate("bad.yaml", ...args));
  if (typeof sentence === "string") expect(outcome.stderr).toContain(sentence);
  else expect(outcome.stderr).toMatch(sentence);
  expect(outcome.status).toBe(status);
  for (const out of ["days", "large"]) expect(readdirSync(cwd)).not.toContain(out);
});
