import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SenetError } from "../src/base/errors.ts";
import { reportFailure } from "../src/cli/shared/failure.ts";
import { registry } from "../src/models/registry.ts";
import { buildCli, idxFiles, isUntouched, senet, senetInShell } from "./support/cli.ts";
import { imageBytes, parquetBytes, temporaryFolder } from "./support/data-fixtures.ts";
import { needs } from "./support/needs.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const TINY = ["--batch", "8", "--epochs", "2", "--threads", "1"];
const train = (...args: string[]) => senet(cwd, ["train", "seresnet8", ...TINY, ...args]);

beforeAll(async () => {
  buildCli();
  const idx = idxFiles();
  const under = (name: string, files: Record<string, Uint8Array | string>) =>
    folder.write(
      Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`${name}/${file}`, bytes])),
    );
  under("idx", idx);
  under("short", { ...idx, "train-images-idx3-ubyte": idx["train-images-idx3-ubyte"].subarray(0, 500) });
  under("label", { ...idx, "classes.txt": "a\nb\n" });
  const images: Record<string, Uint8Array> = {};
  for (const split of ["train", "val"]) {
    for (let i = 0; i < 8; i++) {
      images[`${split}/cat/${i}.png`] = await imageBytes(8, 8, "red");
      images[`${split}/dog/${i}.png`] = await imageBytes(8, 8, "blue");
    }
  }
  under("images", images);
  under("classless", images);
  for (const split of ["train", "val"]) mkdirSync(join(cwd, "classless", split, "eel"));
  under("truncated", { ...images, "train/cat/3.png": (await imageBytes(64, 64)).subarray(0, 500) });
  under("text", { ...images, "val/dog/notes.png": "no image" });
  const rows = parquetBytes([
    { name: "text", values: ["a", "b"] },
    { name: "label", values: [0, 1] },
  ]);
  under("parquet", { "train-0.parquet": rows, "test-0.parquet": rows });
  const good = Array.from({ length: 8 }, (_, i) => images[`train/${i % 2 ? "cat" : "dog"}/${i >> 1}.png`]);
  const label = { name: "label", values: good.map((_, i) => i % 2) };
  const damaged = good.map((bytes, i) => (i === 5 ? bytes.subarray(0, bytes.length - 20) : bytes));
  under("pictures", {
    "train-0.parquet": parquetBytes([{ name: "image", values: good }, label]),
    "test-0.parquet": parquetBytes([{ name: "image", values: damaged }, label]),
  });
  under("cifar", { "data_batch_1.bin": new Uint8Array(3073) });
  mkdirSync(join(cwd, "empty"));
  mkdirSync(join(cwd, "mine"));
  mkdirSync(join(cwd, "leftover"));
  folder.write({ "file.txt": "here", "leftover/last.safetensors": "old" });
}, 60_000);
afterAll(() => folder.remove());

describe("what is wrong is said in one sentence, with exit code 1 and nothing written", () => {
  const cases: [what: string, args: string[], sentence: string][] = [
    [
      "missing path",
      ["seresnet8", "--data", "nowhere"],
      "nowhere: expected a file, a folder or an embedded data set (fashion-mnist-mini), found nothing there; check the path.",
    ],
    [
      "empty folder",
      ["seresnet8", "--data", "empty"],
      "empty: expected a data set, found an empty folder; check the path.",
    ],
    [
      "class without images",
      ["seresnet8", "--data", "classless"],
      'classless/train/eel: expected images of class "eel", found none; add images or remove the folder.',
    ],
    [
      "truncated IDX",
      ["seresnet8", "--data", "short"],
      "short/train-images-idx3-ubyte: expected 2576 bytes for 40×8×8 values, found 500; the file is truncated, get it again.",
    ],
    [
      "truncated image",
      ["seresnet8", "--data", "truncated"],
      "truncated/train/cat/3.png: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found damaged or truncated data; replace or remove it.",
    ],
    [
      "file that is no image",
      ["seresnet8", "--data", "text"],
      "text/val/dog/notes.png: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found data of another kind; replace or remove it.",
    ],
    [
      "parquet without images",
      ["seresnet8", "--data", "parquet"],
      'parquet/train-0.parquet: expected an image column (binary, or a struct with binary "bytes"), found only the columns text (utf8), label (int64); use a data set of images.',
    ],
    [
      "label out of range",
      ["seresnet8", "--data", "label"],
      "label: sample 2: expected a label from 0 to 1, found 2; the file is damaged or is not of this kind.",
    ],
    [
      "batch larger than the data",
      ["seresnet8", "--data", "idx", "--batch", "64"],
      "idx: expected at least 64 samples for one full batch, found 40; choose a --batch of at most 40.",
    ],
    [
      "one file for both splits",
      ["seresnet8", "--data", "pictures/train-0.parquet"],
      "pictures/train-0.parquet: expected training and test images apart, found one file for both; give a folder with train-*.parquet and test-*.parquet.",
    ],
    [
      "image that is damaged, found while testing",
      ["seresnet8", "--data", "pictures", "--batch", "8"],
      "pictures/test-0.parquet: row 5: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found damaged or truncated data; replace or remove it.",
    ],
    [
      "files of a run without its configuration",
      ["seresnet8", "--data", "idx", "--batch", "8", "--out", "leftover"],
      "leftover: expected no run there yet, found last.safetensors of one without its config.json; move them away or choose another folder.",
    ],
    [
      "file in the place of the run",
      ["seresnet8", "--data", "idx", "--batch", "8", "--out", "file.txt"],
      "file.txt: expected a folder or nothing, found a file there; choose another folder.",
    ],
    [
      "place where no folder can be made",
      ["seresnet8", "--data", "idx", "--batch", "8", "--out", "/proc/x"],
      "/proc/x: expected a place where folders can be made, found none; choose another folder.",
    ],
    [
      "loss that is not a number",
      ["seresnet8", "--data", "idx", "--batch", "8", "--lr", "1e30", "--engine", "onnxruntime"],
      "Training seresnet8: expected a finite loss, found NaN at step 2 (epoch 1, learning rate 5.20e+28); lower --lr or set --clip-norm.",
    ],
    [
      "unknown model",
      ["seresnt8", "--data", "idx"],
      'Model "seresnt8" is not known (did you mean "seresnet8"?); `senet models` lists all.',
    ],
    [
      "folder of other files",
      ["seresnet8", "--data", "idx", "--batch", "8", "--out", "idx"],
      "idx: expected an empty folder or none, found other files in it, such as t10k-images-idx3-ubyte; choose another folder.",
    ],
    [
      "no run to resume",
      ["--resume", "nowhere"],
      "nowhere: expected the folder of a run, found nothing; check the path.",
    ],
  ];
  it.each(cases)("%s", async (_, args, sentence) => {
    const { status, stdout, stderr } = await senet(cwd, ["train", ...args]);
    expect(lastLine(stderr)).toBe(sentence.startsWith("senet ") ? sentence : `senet: ${sentence}`);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(status).toBe(1);
    expect(isUntouched(cwd)).toBe(true);
  });
});

describe("wrong usage exits with 2", () => {
  const cases: [args: string[], sentence: string][] = [
    [
      ["train", "seresnet8"],
      "senet train: expected --data with a path or the name of embedded data, such as fashion-mnist-mini.",
    ],
    [
      ["train", "--data", "idx"],
      "senet train: expected a model, such as seresnet20; `senet models` lists all.",
    ],
    [
      ["train", "seresnet8", "--epochs", "2x"],
      '--epochs: expected a whole number of at least 1, found "2x"; correct it.',
    ],
    [["train", "seresnet8", "--lr", "0"], '--lr: expected a number above 0, found "0"; correct it.'],
    [
      ["train", "seresnet8", "--mean", "0.5,x"],
      '--mean: expected numbers of at least 0 and at most 1 separated by commas, one per channel, found "0.5,x"; pixels are scaled to [0, 1].',
    ],
    [
      ["eval", "x.onnx", "--std", "58.4"],
      '--std: expected numbers above 0 and at most 1 separated by commas, one per channel, found "58.4"; pixels are scaled to [0, 1].',
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--skip-bad"],
      "--skip-bad works for image folders, found IDX files at idx; leave it out.",
    ],
    [
      ["train", "seresnet8", "--data", "pictures", "--skip-bad"],
      "--skip-bad works for image folders, found parquet at pictures; leave it out.",
    ],
    [
      ["train", "seresnet8", "--data", "cifar", "--size", "8"],
      "--size works for image folders and parquet, found CIFAR files at cifar; leave it out.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--optimizer", "adamw", "--momentum", "0.9"],
      "--momentum works for sgd, found --optimizer adamw; leave it out.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--optimizer", "adamw", "--no-nesterov"],
      "--no-nesterov works for sgd, found --optimizer adamw; leave it out.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--warmup-epochs", "1"],
      "--warmup-epochs works for the schedules constant, step and cosine, found one-cycle, which has its own rise; leave it out or choose another --schedule.",
    ],
    [
      [
        "train",
        "seresnet8",
        "--data",
        "idx",
        "--warmup-epochs",
        "2",
        "--epochs",
        "2",
        "--schedule",
        "cosine",
      ],
      "--warmup-epochs: expected fewer epochs than --epochs 2, found 2; correct it.",
    ],
    [
      ["train", "seresnet8", "--epoch", "2"],
      "unknown option '--epoch' (did you mean --epochs?); see --help.",
    ],
    [
      ["train", "seresnet8", "--batch-size=8"],
      "unknown option '--batch-size=8' (did you mean --batch?); see --help.",
    ],
    [
      ["train", "seresnet8", "--learning-rate", "1"],
      "unknown option '--learning-rate' (did you mean --lr?); see --help.",
    ],
    [
      ["train", "seresnet8", "--wd", "1"],
      "unknown option '--wd' (did you mean --weight-decay?); see --help.",
    ],
    [
      ["train", "seresnet8", "--workers", "4"],
      "unknown option '--workers'; images are always prepared in a thread of their own; leave it out.",
    ],
    [["evall"], "unknown command 'evall' (did you mean eval?); see --help."],
    [["help", "evall"], "unknown command 'evall' (did you mean eval?); see --help."],
    [["train", "seresnet8", "resnet8"], "senet train: expected 1 argument, found 2; see --help."],
    ...["21", "9", "-8", "18", "50", "26"].map((depth): [string[], string] => [
      ["quickstart", "--depth", depth],
      `--depth: expected 6n + 2 from 8 to 1202, such as 8, 14, 20 or 32, but not an ImageNet network's (26, 50, 152, 200), found ${depth}; choose another.`,
    ]),
    [
      ["eval", "resnet8", "--data", "idx"],
      "resnet8: expected the folder of a run or an .onnx file, found the name of a network, which has no trained weights; give some with --weights, or train it with `senet train resnet8 --data …`.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--pad", "4"],
      "--pad: expected less than half a side of the 8×8 images of idx, found 4; choose a smaller one.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--cutout", "9"],
      "--cutout: expected a square no larger than the 8×8 images of idx, found 9; choose a smaller one.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--reduction", "0.5"],
      '--reduction: expected a number of at least 1, found "0.5"; correct it.',
    ],
    [
      ["train", "seresnet8", "--data", "images", "--size", "100000"],
      '--size: expected a whole number of at least 1 and at most 4096, found "100000"; correct it.',
    ],
    [
      ["eval", "x.onnx", "--data", "images", "--size", "100000"],
      '--size: expected a size such as 224 or 224x192 (height by width), each from 1 to 4096, found "100000"; correct it.',
    ],
    [
      ["eval", "file.txt", "--best", "--data", "idx"],
      "--best: expected the folder of a run, found the file file.txt; leave it out.",
    ],
    [
      ["train", "seresnet8", "--schedule", "cosin"],
      '--schedule: expected constant, step, cosine or one-cycle, found "cosin" (did you mean "cosine"?); correct it.',
    ],
    [
      ["train", "resnet8", "--data", "idx", "--reduction", "8"],
      "Model resnet8 has no SE blocks to change; choose its SE twin, seresnet8.",
    ],
    [
      ["train", "seresnet8", "--data", "idx", "--mean", "0.1,0.2"],
      "--mean: expected 1 number, one per channel of idx, found 2; correct it.",
    ],
    [
      ["train", "--resume", "x", "--lr", "1"],
      "--lr: expected no such option beside --resume, because the run's config.json decides; leave it out or start a new run.",
    ],
    [["compare", "one"], "senet compare: expected two or more runs or networks, found one; name another."],
    [["eval"], "missing required argument 'run|file.onnx|model'; see --help."],
  ];
  it.each(cases)("%j", async (args, sentence) => {
    const { status, stdout, stderr } = await senet(cwd, args);
    expect(lastLine(stderr)).toBe(sentence.startsWith("senet ") ? sentence : `senet: ${sentence}`);
    expect([status, stdout]).toEqual([2, ""]);
    expect(isUntouched(cwd)).toBe(true);
  });
});

describe("failures", () => {
  const told = (error: unknown, debug: boolean) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      const code = reportFailure(error, debug);
      return { code, text: write.mock.calls.map(([text]) => text).join("") };
    } finally {
      write.mockRestore();
    }
  };

  it("shows a trace only when asked", () => {
    const error = new SenetError("data", "It is broken.", { cause: new Error("deep down") });
    expect(told(error, false)).toEqual({ code: 1, text: "senet: It is broken.\n" });
    expect(told(error, true).text).toMatch(/at .*cli\.test\.ts[\s\S]*caused by Error: deep down/);
  });

  it("calls an unexpected error a defect", () => {
    const { code, text } = told(new TypeError("x is undefined"), false);
    expect(text).toBe(
      "senet: unexpected failure (TypeError: x is undefined); this is a defect of senet, please report it; run again with --debug for the trace.\n",
    );
    expect(code).toBe(1);
  });
});

describe("help", () => {
  const commandsIn = (help: string) =>
    [...help.slice(help.indexOf("\nCommands:")).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);

  it("lists every command, with examples and what the exit code means", async () => {
    const { status, stdout, stderr } = await senet(cwd, ["--help"]);
    const commands = commandsIn(stdout).filter((name) => name !== "senet");
    expect(commands).toEqual(expect.arrayContaining(["train", "eval", "summary", "export", "help"]));
    for (const name of ["predict", "summary", "complexity", "export", "profile"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}senet ${name} `, "m"));
    }
    expect(stdout).toContain("Exit code: 0 success, 1 failure, 2 wrong usage, 130 Ctrl-C.\n");
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("of each command shows its options, however it is asked for", async () => {
    const commands = commandsIn((await senet(cwd, ["--help"])).stdout);
    for (const command of new Set(commands.filter((name) => name !== "help" && name !== "senet"))) {
      const { status, stdout, stderr } = await senet(cwd, [command, "--help"]);
      expect(stdout).toContain(`Usage: senet ${command}`);
      expect(stdout).toContain("--json");
      if (command !== "models" && command !== "complexity") expect(stdout).toMatch(/\(default: /);
      expect([status, stderr]).toEqual([0, ""]);
      expect((await senet(cwd, ["help", command])).stdout).toBe(stdout);
    }
    expect((await senet(cwd, ["help"])).stdout).toBe((await senet(cwd, ["--help"])).stdout);
  }, 60_000);
});

describe("streams that fail", () => {
  it("a reader who leaves early ends neither the training nor the report", async () => {
    const args = ["train", "seresnet8", "--data", "idx", ...TINY];
    await senetInShell(cwd, [...args, "--out", "out/left"], "2>&1 | head -1");
    expect(existsSync(join(cwd, "out/left/model.onnx"))).toBe(true);
    expect(readFileSync(join(cwd, "out/left/log.jsonl"), "utf8").trim().split("\n")).toHaveLength(2);
    await senetInShell(cwd, [...args, "--out", "out/unread"], "| head -0");
    expect(existsSync(join(cwd, "out/unread/model.onnx"))).toBe(true);
    const quick = ["quickstart", "--data", "idx", "--epochs", "1", "--batch", "8", "--threads", "1"];
    await senetInShell(cwd, [...quick, "--report", "unread.html"], "| head -0");
    expect(existsSync(join(cwd, "unread.html"))).toBe(true);
    rmSync(join(cwd, "runs"), { recursive: true });
  }, 60_000);

  it("a result that cannot be written is told in one sentence", async (context) => {
    needs(context, "/dev/full", existsSync("/dev/full"));
    const { status, stderr } = await senetInShell(cwd, ["summary", "resnet8"], "> /dev/full");
    expect(stderr).toBe(
      "senet: stdout: expected a place for the result, found a full disk; send it elsewhere and run again.\n",
    );
    expect(status).toBe(1);
  });
});

it.each([
  ["train", "seresnet8", "--data", "images"],
  ["export", "seresnet50", "-o", "never.onnx"],
  ["profile", "seresnet50"],
])("Ctrl-C at the very beginning of senet %s is answered", async (...args) => {
  const files = readdirSync(cwd);
  const { status, stdout, stderr } = await senet(cwd, args, { text: "", action: "interrupt" });
  expect([status, stdout, stderr]).toEqual([130, "", "interrupted; nothing was written\n"]);
  expect(readdirSync(cwd)).toEqual(files);
});

it("train --help says what checkpoints hold, and how often they are written", async () => {
  const stdout = (await senet(cwd, ["train", "--help"])).stdout.replace(/\s+/g, " ");
  expect(stdout).toContain("in the .safetensors files plain names are the raw weights, ema/… the averages");
  expect(stdout).toContain(
    "--checkpoint-minutes <n> save last.safetensors this often within an epoch too (default: 5)",
  );
});

it("--version prints the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect((await senet(cwd, ["--version"])).stdout).toBe(`${version}\n`);
});

it("models says that there are more", async () => {
  const { stdout } = await senet(cwd, ["models"]);
  expect(stdout).toContain("CIFAR ResNets of any other depth 6n + 2 work as well, such as seresnet164.");
});

it("models --json lists every network with its counts", async () => {
  const { stdout, stderr } = await senet(cwd, ["models", "--json"]);
  const models: { name: string; params: number; macs: number }[] = JSON.parse(stdout);
  expect(models.map(({ name }) => name)).toEqual(Object.keys(registry));
  const { name, params, macs } = models.find((model) => model.name === "seresnet20") ?? models[0];
  expect({ name, params, macs: Math.round(macs / 1e6) }).toEqual({
    name: "seresnet20",
    params: 275_534, // counted by hand from section 3 of the paper, and PyTorch's count of bench/torch_step.py
    macs: 41,
  });
  expect(stderr).toBe("");
});

it("leaves bad images out when told to, and counts them", async () => {
  const { status, stderr } = await train("--data", "truncated", "--skip-bad", "--out", "out/skip");
  expect(stderr).toContain("skipped 1 train file that cannot be decoded: truncated/train/cat/3.png\n");
  expect(stderr).toContain("15 training and 16 test images of 3×64×64");
  expect(status).toBe(0);
});

describe("a run", () => {
  it("is trained, tested and compared, with nothing but JSON on stdout", async () => {
    const [se, plain] = await Promise.all([
      train("--data", "idx", "--out", "out/se", "--json"),
      senet(cwd, [
        "train",
        "resnet8",
        "--data",
        "idx",
        ...TINY,
        "--out",
        "out/plain",
        "--seed",
        "1",
        "--json",
      ]),
    ]);
    expect([se.status, plain.status]).toEqual([0, 0]);
    const result = JSON.parse(se.stdout);
    expect(result).toMatchObject({ run: "out/se", model: "seresnet8", finished: true, epochs: 2 });
    expect(readdirSync(join(cwd, "out/se")).sort()).toEqual([
      "best.safetensors",
      "config.json",
      "last.safetensors",
      "log.jsonl",
      "model.onnx",
    ]);
    const log = readFileSync(join(cwd, "out/se/log.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(log[1]).test).toEqual(result.last.test);

    const [ofRun, ofModel] = await Promise.all([
      senet(cwd, ["eval", "out/se", "--json"]),
      senet(cwd, ["eval", "out/se/model.onnx", "--data", "idx", "--batch", "5", "--json"]),
    ]);
    const { top1, top5, loss } = JSON.parse(ofRun.stdout);
    expect({ top1, top5 }).toEqual({ top1: result.last.test.top1, top5: result.last.test.top5 });
    expect(loss).toBeCloseTo(result.last.test.loss, 5);
    expect(JSON.parse(ofModel.stdout).top1).toBe(top1);
    const spoken = await senet(cwd, ["eval", "out/se"]);
    expect(spoken.stdout).toMatch(
      /^out\/se\/model\.onnx: top-1 \d+\.\d\d %, loss \d\.\d{4} on 16 images of /,
    );

    const comparison = await senet(cwd, [
      "compare",
      "out/plain",
      "out/se",
      "--report",
      "report.html",
      "--json",
    ]);
    expect(comparison.stderr).toContain(
      "note: resnet8 and seresnet8 differ in more than the network: seed 1 and 0\n",
    );
    const { runs } = JSON.parse(comparison.stdout);
    expect(runs.map((run: { model: string }) => run.model)).toEqual(["resnet8", "seresnet8"]);
    expect(runs[1].params - runs[0].params).toBe(runs[1].seParams);
    expect(runs[1].difference.params).toBeCloseTo(runs[1].seParams / runs[0].params, 12);
    for (const { stepMs, inferenceMs } of runs) expect(Math.min(stepMs, inferenceMs)).toBeGreaterThan(0);
    const report = readFileSync(join(cwd, "report.html"), "utf8");
    expect(report.match(/<svg/g)).toHaveLength(2);
    expect(report).not.toMatch(/(?:src|href)=/);
  });

  it("prints one table of differences", async () => {
    const { stdout } = await senet(cwd, ["compare", "out/plain", "out/se"]);
    const [header, , first, second, difference] = stdout.split("\n");
    expect(header).toMatch(/^network +test accuracy +parameters +MACs +training step +inference$/);
    expect(first).toMatch(/^resnet8 .*77,299 .* ms$/);
    expect(second).toMatch(/^seresnet8 .*78,319 .* ms$/);
    expect(difference).toMatch(
      /^ {2}difference +[+-]\d+\.\d\d points.* +\+1\.3 % +\+0\.\d % +[+-].* % +[+-].* %$/,
    );
  });

  it("is named by model and data, and never overwritten", async () => {
    for (const name of ["seresnet8-images", "seresnet8-images-2"]) {
      const { stdout } = await train("--data", "images", "--size", "8", "--epochs", "1", "--json");
      expect(JSON.parse(stdout).run).toBe(`runs/${name}`);
    }
    const again = await train("--data", "idx", "--out", "out/se");
    expect(lastLine(again.stderr)).toBe(
      "senet: out/se: expected no run there yet, found one; resume it or choose another folder.",
    );
    expect(again.status).toBe(1);
  });

  it("is not resumed as another model, nor tested on data that does not fit", async () => {
    const other = await senet(cwd, ["train", "resnet8", "--resume", "out/se"]);
    expect(lastLine(other.stderr)).toBe(
      "senet: out/se: expected a checkpoint of resnet8, found one of seresnet8; resume it with its own model.",
    );
    const data = await senet(cwd, ["eval", "out/se", "--data", "images"]);
    expect(lastLine(data.stderr)).toBe(
      "senet: images: expected images of 1×8×8 for out/se/model.onnx, found 3×8×8; choose the data the model was trained on.",
    );
    expect([other.status, data.status]).toEqual([1, 1]);
  });
});

it("a run that diverged before its first checkpoint leaves what was there before, and nothing else", async () => {
  expect(existsSync(join(cwd, "runs/seresnet8-idx"))).toBe(false);
  for (const out of ["mine", "mine/made/for/it"]) {
    const { stderr } = await train("--data", "idx", "--lr", "1e30", "--out", out);
    expect(stderr).toContain("expected a finite loss");
    expect(readdirSync(join(cwd, "mine")), out).toEqual([]);
  }
});

describe("files that are something else", () => {
  const told = async (...args: string[]) => lastLine((await senet(cwd, args)).stderr).replace("senet: ", "");

  it("are named, and what is wanted", async () => {
    for (const name of ["config.json", "best.safetensors", "log.jsonl"]) {
      expect(await told("eval", `out/se/${name}`)).toBe(
        `out/se/${name}: expected the folder of a run or an .onnx file, found another kind of file; give the run's folder or its model.onnx.`,
      );
    }
    expect(await told("eval", "file.txt", "--data", "idx")).toMatch(
      /^file\.txt: expected an ONNX model, found 4 bytes that are none or only a part of one; check the path/,
    );
    const model = readFileSync(join(cwd, "out/se/model.onnx"));
    folder.write({ "half.onnx": model.subarray(0, model.length / 2) });
    expect(await told("eval", "half.onnx", "--data", "idx")).toMatch(/^half\.onnx: [^;]/);
    for (const name of ["config.json", "log.jsonl"])
      folder.write({ [`half/${name}`]: readFileSync(join(cwd, "out/se", name)) });
    folder.write({ "half/model.onnx": model.subarray(0, model.length / 2) });
    expect(await told("compare", "out/plain", "half")).toMatch(/^half\/model\.onnx: [^;]/);
  });

  it("a report is not written over a folder, and nothing is measured before", async () => {
    expect(await told("compare", "out/plain", "out/se", "--report", "mine")).toBe(
      "mine: expected a file or nothing, found a folder; give the path of a file.",
    );
  });

  it("a damaged configuration or log is told by field and line", async () => {
    const config = JSON.parse(readFileSync(join(cwd, "out/se/config.json"), "utf8"));
    const log = readFileSync(join(cwd, "out/se/log.jsonl"), "utf8");
    const [first] = log.split("\n");
    const cases = [
      [
        { ...config, epochs: 0 },
        log,
        "bad/config.json: expected epochs to be at least 1, found 0; restore the file.",
      ],
      [
        config,
        `${first}\nnull\n`,
        "bad/log.jsonl: line 2: expected the whole to be a record, found null; restore the file.",
      ],
      [
        config,
        `${first}\n{"epoch\n`,
        "bad/log.jsonl: line 2: expected JSON, found something else; restore the file.",
      ],
    ] as const;
    for (const [content, lines, sentence] of cases) {
      folder.write({ "bad/config.json": JSON.stringify(content), "bad/log.jsonl": lines });
      expect(await told("compare", "bad", "out/se")).toBe(sentence);
      expect(await told("train", "--resume", "bad")).toBe(sentence);
    }
  });
});

describe("eval --best", () => {
  it("tests the best checkpoint, with --ema its averages", async () => {
    const args = ["--epochs", "3", "--ema", "0.8", "--lr", "0.05", "--out", "out/ema"];
    expect((await train("--data", "idx", ...args)).status).toBe(0);
    const lines = readFileSync(join(cwd, "out/ema/log.jsonl"), "utf8").trim().split("\n");
    const records: { test: { top1: number; loss: number } }[] = lines.map((line) => JSON.parse(line));
    const best = records.reduce((a, b) => (b.test.top1 > a.test.top1 ? b : a));
    const { stdout } = await senet(cwd, ["eval", "out/ema", "--best", "--json"]);
    const found = JSON.parse(stdout);
    expect(found.model).toBe("out/ema/best.safetensors");
    expect(found.top1).toBe(best.test.top1);
    expect(found.loss).toBeCloseTo(best.test.loss, 5);
  });
});

it("quickstart trains both networks, prints the table and writes the report", {
  timeout: 60_000,
}, async () => {
  const args = ["--data", "idx", "--epochs", "1", "--batch", "8", "--threads", "1", "--report", "quick.html"];
  const { status, stdout, stderr } = await senet(cwd, ["quickstart", ...args]);
  expect(status, stderr).toBe(0);
  const [header, , plain, se, difference, , measured] = stdout.split("\n");
  expect(header).toMatch(/^network +test accuracy +parameters +MACs +training step +inference$/);
  expect(plain).toMatch(/^resnet8 +\d+\.\d\d %.* 77,299 .* ms$/);
  expect(se).toMatch(/^seresnet8 +\d+\.\d\d %.* 78,319 .* ms$/);
  expect(difference).toMatch(/^ {2}difference +[+-]\d+\.\d\d points/);
  expect(measured).toMatch(/training steps on (ONNX Runtime|oneDNN) with a batch of 8,/);
  expect(stderr).toContain("report: quick.html\n");
  const report = readFileSync(join(cwd, "quick.html"), "utf8");
  expect(report.match(/<svg/g)).toHaveLength(2);
  for (const text of ["resnet8 and seresnet8 on idx", "77,299", "78,319"]) expect(report).toContain(text);
  expect(readdirSync(join(cwd, "runs"))).toEqual(
    expect.arrayContaining(["quickstart-resnet8", "quickstart-seresnet8"]),
  );
});

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
