import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { randomStream } from "../src/base/random.ts";
import { readOnnx } from "../src/entries/index.ts";
import type { TensorData } from "../src/ir/tensor.ts";
import { engineNames } from "../src/train/engine/engine.ts";
import { readSafetensorsFile, writeSafetensorsFile } from "../src/weights/formats/safetensors-file-node.ts";
import { buildCli, idxFiles, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";
import { needs } from "./support/needs.ts";
import { needsEngine } from "./support/needs-engine.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const EPOCHS = 12;
// Everything that a checkpoint has to carry: optimizer state, averages, schedule, the order and changes of images.
const RECIPE = [
  "--batch",
  "8",
  "--epochs",
  String(EPOCHS),
  "--threads",
  "1",
  "--optimizer",
  "adamw",
  "--ema",
  "0.9",
];
const start = (out: string, engine = "onnxruntime") => [
  "train",
  "seresnet8",
  "--data",
  "idx",
  ...RECIPE,
  "--cutout",
  "2",
  "--engine",
  engine,
  "--out",
  out,
];
const resume = (out: string) => ["train", "--resume", out, "--threads", "1"];

beforeAll(async () => {
  buildCli();
  for (const [name, bytes] of Object.entries(idxFiles())) folder.write({ [`idx/${name}`]: bytes });
  expect((await senet(cwd, start("whole"))).status).toBe(0);
});
afterAll(() => folder.remove());

describe.each(engineNames)("on %s", (engine) => {
  const whole = engine === "onnxruntime" ? "whole" : `whole-${engine}`;
  beforeEach(async (context) => {
    await needsEngine(context, engine);
    if (!existsSync(join(cwd, whole))) expect((await senet(cwd, start(whole, engine))).status).toBe(0);
  });

  it("Ctrl-C finishes the step, saves, says how to go on and exits with 130", async () => {
    const out = `stopped-${engine}`;
    const stopped = await senet(cwd, start(out, engine), { text: "epoch  2/12", action: "interrupt" });
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("interrupted: finishing the step, then saving\n");
    expect(stopped.stdout).toBe(`stopped and saved; resume with: senet train --resume ${out}\n`);
    expect((await senet(cwd, resume(out))).status).toBe(0);
    await expectSameEnd(join(cwd, out), whole);
  });

  it("kill -9 at random moments leaves whole files, and resuming ends with the same bits", async () => {
    const out = `killed-${engine}`;
    const seed = Number(process.env.SENET_TEST_SEED ?? Date.now() % 1e6);
    console.log(`kill -9: SENET_TEST_SEED=${seed}`);
    const random = randomStream(seed);
    // A checkpoint after every step.
    const often = ["--checkpoint-minutes", "1e-9"];
    let insideEpoch = 0;
    const moments: number[] = [];
    for (let life = 0; ; life++) {
      const isBegun = existsSync(join(cwd, out, "config.json"));
      const delay = Math.round(random() * (250 + 50 * life));
      const args = [...(isBegun ? resume(out) : start(out, engine)), ...often];
      const goesOn = life >= 4 && insideEpoch > 0;
      // Its first words are said before the engine is ready; the first epoch's when it has trained for a while.
      const kill = { text: life % 2 ? "epoch " : "idx:", action: "kill", argument: delay } as const;
      const { status, stderr } = await senet(cwd, args, goesOn ? undefined : kill);
      moments.push(delay);
      if (status === 0) break;
      expect(status, `${stderr} (killed after ${moments.join(", ")} ms)`).toBe("SIGKILL");
      await expectWholeFiles(join(cwd, out));
      if (await stoppedInsideEpoch(join(cwd, out))) insideEpoch++;
    }
    expect(insideEpoch).toBeGreaterThan(0);
    await expectSameEnd(join(cwd, out), whole, `killed after ${moments.join(", ")} ms`);
    expect(readdirSync(join(cwd, out)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

it("resuming a finished run changes nothing", async () => {
  const before = readFileSync(join(cwd, "whole/last.safetensors"));
  const { status, stdout } = await senet(cwd, resume("whole"));
  expect(status).toBe(0);
  expect(stdout).toContain(`after ${EPOCHS} epochs; whole`);
  expect(readFileSync(join(cwd, "whole/last.safetensors")).equals(before)).toBe(true);
});

describe("where oneDNN is not installed", () => {
  // What the variable names is no library, and nothing is taken in its place.
  beforeAll(() => vi.stubEnv("SENET_ONEDNN", join(cwd, "idx/t10k-labels-idx1-ubyte")));
  afterAll(() => vi.unstubAllEnvs());

  it("a run on it is not begun", async () => {
    const { status, stderr } = await senet(cwd, start("refused", "onednn"));
    expect(stderr).toMatch(/^senet: .*oneDNN.*, or choose --engine onnxruntime\.$/m);
    expect(status).toBe(1);
    expect(existsSync(join(cwd, "refused"))).toBe(false);
  });

  it("a run on the fastest engine says in one line what would make it faster, and not in its JSON", async () => {
    const { status, stdout, stderr } = await senet(cwd, [
      ...start("slow", "auto"),
      "--epochs",
      "1",
      "--json",
    ]);
    expect(stderr).toMatch(/^note: training on ONNX Runtime; .*oneDNN.*[^.]$/m);
    expect(stderr.match(/^.*oneDNN.*$/gm)).toHaveLength(1);
    expect(JSON.stringify(JSON.parse(stdout))).not.toContain("oneDNN");
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, "slow/config.json"), "utf8")).engine).toBe("onnxruntime");
  });

  it("a run that it began stays as it is, or goes on with the other engine, which its configuration notes", async () => {
    await senet(cwd, start("switched"), { text: "epoch  2/12", action: "interrupt" });
    const last = join(cwd, "switched/last.safetensors");
    const { tensors, metadata } = await readSafetensorsFile(last);
    const config = JSON.stringify({ ...JSON.parse(metadata.config), engine: "onednn" });
    await writeSafetensorsFile(last, tensors, { ...metadata, config });
    folder.write({ "switched/config.json": config });

    const refused = await senet(cwd, resume("switched"));
    expect(refused.stderr).toMatch(/^senet: .*oneDNN.*, or choose --engine onnxruntime\.$/m);
    expect(refused.status).toBe(1);
    expect(readFileSync(join(cwd, "switched/config.json"), "utf8")).toBe(config);

    const { status, stderr } = await senet(cwd, [...resume("switched"), "--engine", "onnxruntime"]);
    expect(status, stderr).toBe(0);
    const { step } = JSON.parse(metadata.position);
    expect(stderr).toContain(
      `note: steps from ${step + 1} on are computed by ONNX Runtime, those before by oneDNN: the result is not to the bit what either alone would give\n`,
    );
    expect(JSON.parse(readFileSync(join(cwd, "switched/config.json"), "utf8"))).toMatchObject({
      engine: "onnxruntime",
      formerEngines: [["onednn", step]],
    });
    expect(metricsOf(join(cwd, "switched"))).toEqual(metricsOf(join(cwd, "whole")));
  });
});

it("does not go on where another process trains", async () => {
  const [config, last] = ["config.json", "last.safetensors"].map((name) =>
    readFileSync(join(cwd, "whole", name)),
  );
  folder.write({
    "held/config.json": config,
    "held/last.safetensors": last,
    "held/.lock": JSON.stringify({ pid: process.pid, host: hostname() }),
  });
  const { status, stderr } = await senet(cwd, resume("held"));
  expect(stderr).toMatch(
    /^senet: held: expected no other process at work in it, found the lock of process \d+ on .+; wait for it, choose another folder, or remove held\/\.lock if no such process runs any more\.$/m,
  );
  expect(status).toBe(1);
  expect(readdirSync(join(cwd, "held")).sort()).toEqual([".lock", "config.json", "last.safetensors"]);
});

it("does not go on with data that has changed", async () => {
  for (const [name, bytes] of Object.entries(idxFiles({ train: 48 })))
    folder.write({ [`changed/${name}`]: bytes });
  const config = JSON.parse(readFileSync(join(cwd, "whole/config.json"), "utf8"));
  const data = { ...config.data, path: join(cwd, "changed") };
  folder.write({ "moved/config.json": JSON.stringify({ ...config, data }) });
  const { status, stderr } = await senet(cwd, resume("moved"));
  expect(stderr).toContain(
    "changed: expected the data that the run began with (40 + 16 images of 1×8×8, 3 classes), found other data (48 + 16 of 1×8×8, 3 classes); restore it or start a new run.",
  );
  expect(status).toBe(1);
});

it("a loss that is not a number keeps the checkpoint before it", async () => {
  // Each step multiplies the weights by 1 - lr·decay = -3: finite for some epochs of 5 steps, not for 30.
  const wild = ["--lr", "1", "--weight-decay", "4", "--schedule", "constant", "--momentum", "0"];
  const args = [
    "train",
    "seresnet8",
    "--data",
    "idx",
    "--batch",
    "8",
    "--epochs",
    "30",
    "--threads",
    "1",
    ...wild,
  ];
  const { status, stderr } = await senet(cwd, [...args, "--out", "wild"]);
  const [, step] =
    /^senet: Training seresnet8: expected .*finite .* at step \d+ \(epoch \d+, learning rate 1\.00\); lower --lr or set --clip-norm; wild keeps the checkpoint of step (\d+)\.$/m.exec(
      stderr,
    ) ?? [];
  expect(step, stderr).toBeDefined();
  expect(status).toBe(1);
  const { metadata, tensors } = await readSafetensorsFile(join(cwd, "wild/last.safetensors"));
  expect(String(JSON.parse(metadata.position).step)).toBe(step);
  for (const [name, { data }] of tensors)
    expect((data as Float32Array).every(Number.isFinite), name).toBe(true);
  const log = readFileSync(join(cwd, "wild/log.jsonl"), "utf8").trim().split("\n");
  expect(log.map((line) => JSON.parse(line).step).at(-1)).toBe(Number(step));
});

it("does not go on with a configuration that was changed", async () => {
  const config = JSON.parse(readFileSync(join(cwd, "whole/config.json"), "utf8"));
  const { ema: _ema, ...without } = config;
  const last = readFileSync(join(cwd, "whole/last.safetensors"));
  for (const [changed, sentence] of [
    [{ ...config, lr: 0.5 }, "expected lr 0.002 in config.json, as in the checkpoint, found 0.5"],
    [without, "expected ema 0.9 in config.json, as in the checkpoint, found none"],
    [
      { ...config, augment: { ...config.augment, cutout: 3 } },
      "expected augment.cutout 2 in config.json, as in the checkpoint, found 3",
    ],
  ] as const) {
    folder.write({ "altered/config.json": JSON.stringify(changed), "altered/last.safetensors": last });
    const { status, stderr } = await senet(cwd, resume("altered"));
    expect(stderr).toContain(`senet: altered: ${sentence}; restore config.json or start a new run.\n`);
    expect(status).toBe(1);
  }
});

it("goes on where its data has moved to, and remembers the place", async () => {
  for (const [name, bytes] of Object.entries(idxFiles())) folder.write({ [`elsewhere/${name}`]: bytes });
  const config = JSON.parse(readFileSync(join(cwd, "whole/config.json"), "utf8"));
  const moved = { ...config, data: { ...config.data, path: join(cwd, "gone") } };
  for (const name of ["last.safetensors", "best.safetensors", "log.jsonl", "model.onnx"])
    folder.write({ [`away/${name}`]: readFileSync(join(cwd, "whole", name)) });
  folder.write({ "away/config.json": JSON.stringify(moved) });
  expect((await senet(cwd, resume("away"))).stderr).toContain("gone: expected a file, a folder");
  const { status, stderr } = await senet(cwd, [...resume("away"), "--data", "elsewhere"]);
  expect(status, stderr).toBe(0);
  const written = JSON.parse(readFileSync(join(cwd, "away/config.json"), "utf8"));
  expect(written).toEqual({ ...config, data: { ...config.data, path: join(cwd, "elsewhere") } });

  // As many images of the same shape and classes, but other labels.
  const labels = idxFiles()["train-labels-idx1-ubyte"].slice();
  labels.set([1, 0], 8);
  folder.write({ "elsewhere/train-labels-idx1-ubyte": labels });
  const other = await senet(cwd, [...resume("away"), "--data", "elsewhere"]);
  expect(other.stderr).toContain(
    "senet: elsewhere: expected the labels that the run began with, found others; restore the data or start a new run.\n",
  );
  expect(other.status).toBe(1);
});

const tmpfs = join(cwd, "small");
it("a full disk is told in one sentence", async (context) => {
  needs(context, "Linux and root, to mount a tmpfs", mountSmall());
  try {
    const refused = await senet(cwd, start("small/run"));
    expect(refused.stderr).toMatch(
      /^senet: disk full: small\/run needs [\d.]+ MiB for checkpoints and the model, [\d.]+ KiB are free; free some space or choose another folder\.$/m,
    );
    expect(refused.status).toBe(1);
    expect(readdirSync(tmpfs)).toEqual([]);

    execFileSync("mount", ["-o", "remount,size=32m", tmpfs]);
    const full = await senet(cwd, start("small/run"), {
      text: "epoch  2/12",
      action: "fill",
      argument: join(tmpfs, "filler"),
    });
    expect(full.stderr).toMatch(
      /^senet: disk full: small\/run\/\S+ could not be written; .* keeps the checkpoint of step \d+\.$/m,
    );
    expect(full.status).toBe(1);
    rmSync(join(tmpfs, "filler"));
    await expectWholeFiles(join(tmpfs, "run"));
    expect((await senet(cwd, resume("small/run"))).status).toBe(0);
    await expectSameEnd(join(tmpfs, "run"), "whole");
  } finally {
    execFileSync("umount", [tmpfs]);
  }
});

function mountSmall(): boolean {
  mkdirSync(tmpfs);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=700k", "tmpfs", tmpfs], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Whether the last checkpoint is one of those between the ends of epochs. */
async function stoppedInsideEpoch(run: string): Promise<boolean> {
  const file = join(run, "last.safetensors");
  if (!existsSync(file)) return false;
  const { metadata } = await readSafetensorsFile(file);
  return JSON.parse(metadata.position).batch > 0;
}

/** What a kill may leave: nothing, or files that are whole. */
async function expectWholeFiles(run: string): Promise<void> {
  for (const name of existsSync(run) ? readdirSync(run) : []) {
    if (name === "config.json") JSON.parse(readFileSync(join(run, name), "utf8"));
    if (name.endsWith(".safetensors") && !name.startsWith(".")) await readSafetensorsFile(join(run, name));
    if (name === "model.onnx") readOnnx(readFileSync(join(run, name)));
  }
}

/** The end of a run that was never interrupted: the same bits, and the same log. */
async function expectSameEnd(run: string, whole: string, message = ""): Promise<void> {
  for (const file of ["last.safetensors", "best.safetensors"]) {
    const expected = await readSafetensorsFile(join(cwd, whole, file));
    const found = await readSafetensorsFile(join(run, file));
    expect(found.metadata, message).toEqual(expected.metadata);
    expect([...found.tensors.keys()]).toEqual([...expected.tensors.keys()]);
    for (const [name, { data }] of expected.tensors) {
      const other = found.tensors.get(name)?.data;
      expect(other && bytesOf(other).equals(bytesOf(data)), `${file} ${name} ${message}`).toBe(true);
    }
  }
  expect(metricsOf(run)).toEqual(metricsOf(join(cwd, whole)));
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorData): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function metricsOf(run: string): unknown[] {
  const lines = readFileSync(join(run, "log.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => {
    const { epoch, step, learningRate, train, test } = JSON.parse(line);
    return { epoch, step, learningRate, train, test };
  });
}
