import { execFile, execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedValues } from "../src/ir/graph.ts";
import type { Tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { listModels } from "../src/models/list-models.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { trainConfigSchema } from "../src/train/config.ts";
import { adamWRecipe, defaultRecipe } from "../src/train/recipe.ts";
import { writeSafetensorsFile } from "../src/weights/formats/safetensors-file-node.ts";
import { buildCli, senet } from "./support/cli.ts";
import { imageBytes, temporaryFolder } from "./support/data-fixtures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const training = readFileSync(join(root, "docs/training.md"), "utf8");
const run = promisify(execFile);

/** Contents of a document's fenced blocks of one language, in order. */
function blocks(language: string, text = readme): string[] {
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return fences.filter(([, name]) => name === language).map(([, , text]) => text);
}

/** Every command of the README, in shell blocks and inside the text, in order and without comments. */
const commands = [...readme.matchAll(/^```(\w*)\n(.*?)^```$|`((?:[A-Z_]+=\S+ )?np[mx] [^`]+)`/gms)].flatMap(
  ([, language, block = "", inline]) => {
    if (inline !== undefined) return [inline.replaceAll(/\s+/g, " ")];
    return language === "sh"
      ? block
          .trim()
          .split("\n")
          .map((line) => line.replace(/ +# .*/, ""))
      : [];
  },
);

/** What is not run here, and why. */
const notRun: Readonly<Record<string, string>> = {
  "npm start": "trains for minutes; test/cli.test.ts runs the quickstart on small data",
  "npm start -- --depth 20 --epochs 10": "trains for an hour",
  "npm test": "would run this test again",
  "npm run build": "buildCli, before these tests",
  "npx senet ablate reduction-ratio": "18 trainings; test/cli-ablate.test.ts runs small experiments",
  "npm run docs": "slow; test/entries.test.ts looks for the docstrings",
  "npm run fuzz": "takes hours; test/fuzz.test.ts runs a few files of each format",
  "npm run bench -- train": "test/cli-bench.test.ts runs it on a small network",
  "npm run compare-timm -- PYTHON": "needs Python with timm",
  "npm run compare-preprocessing -- PYTHON IMAGE…": "needs Python with timm",
  "npx senet engine install": "downloads; test/cli-engine.test.ts installs from a server of its own",
  "npm install senet": "the package is not published yet",
  "ONNXRUNTIME_NODE_INSTALL=skip npm install senet":
    "as above; `npm run check-node` sets it in its other form",
};

/** The files that the README's commands expect, and `npx senet` as in a project that has the package. */
async function prepare(folder: ReturnType<typeof temporaryFolder>): Promise<void> {
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at("node_modules/.bin"), { recursive: true });
  symlinkSync(root, at("node_modules/senet"));
  symlinkSync("../senet/dist/cli/main.js", at("node_modules/.bin/senet"));
  const weights = new Map<string, Tensor>();
  for (const { name, tensor } of storedValues(createModel("seresnet50")))
    if (name && tensor) weights.set(name, tensor);
  await writeSafetensorsFile(at("seresnet50.safetensors"), weights);
  writeFileSync(at("resnet18.onnx"), writeOnnx(createModel("resnet18")));
  copyFileSync(at("resnet18.onnx"), at("somebodys-network.onnx"));
  const [dark, light] = await Promise.all([
    imageBytes(80, 64, "#234", "jpeg"),
    imageBytes(64, 80, "#edc", "png"),
  ]);
  folder.write({ "cat.jpg": dark, "dog.png": light, "photos/1.jpg": dark, "photos/2.png": light });
  for (const split of ["imagenet-folder/val", "flowers/train", "flowers/val"]) {
    for (let i = 0; i < 8; i++) {
      folder.write({ [`${split}/rose/${i}.jpg`]: dark, [`${split}/tulip/${i}.png`]: light });
    }
  }
  const cifar = (images: number) =>
    Uint8Array.from({ length: images * 3073 }, (_, i) => ((i * 31) % 251) % (i % 3073 ? 251 : 10));
  for (let i = 1; i <= 5; i++) folder.write({ [`cifar10/data_batch_${i}.bin`]: cifar(32) });
  folder.write({ "cifar10/test_batch.bin": cifar(32) });
}

describe("README", () => {
  const folder = temporaryFolder();
  beforeAll(async () => {
    buildCli();
    await prepare(folder);
  }, 120_000);
  afterAll(() => folder.remove());

  /** Runs a line by a shell in the prepared folder; nothing is fetched. */
  const shell = (line: string) =>
    run("sh", ["-c", line], { cwd: folder.path, env: { ...process.env, npm_config_offline: "true" } });

  it("shows commands, and those that are not run here", () => {
    expect(commands.length).toBeGreaterThanOrEqual(25);
    expect(Object.keys(notRun).filter((command) => !commands.includes(command))).toEqual([]);
  });

  it.each(commands.filter((command) => notRun[command] === undefined))("%s", async (line) => {
    expect((await shell(line)).stdout).not.toBe("");
  });

  it("classifies, and trains, in programs of at most 15 lines", async () => {
    const programs = blocks("js");
    expect(programs).toHaveLength(2);
    for (const program of programs) {
      expect(program.trim().split("\n").length).toBeLessThanOrEqual(15);
      folder.write({ "program.mjs": program });
      await shell("node program.mjs");
    }
    rmSync(join(folder.path, "runs/flowers"), { recursive: true });
  });

  it("and docs/training.md: its programs run one after the other", async () => {
    for (const program of blocks("js", training)) {
      folder.write({ "program.mjs": program });
      const said = program.match(/(?<=console\.log\(finished\); \/\/ )\w+/)?.[0] ?? "";
      expect((await shell("node program.mjs")).stdout, program).toContain(said);
    }
  });

  it("and docs/training.md: its table has every override with its default", () => {
    const rows = [...training.matchAll(/^\| (`[^|]+`) \| (.+?) \| .+ \|$/gm)];
    const defaults = new Map(
      rows.flatMap(([, names, value]) => names.split(", ").map((name) => [name, value])),
    );
    for (const [name, value] of Object.entries(defaultRecipe)) {
      const other = Object.entries(adamWRecipe).find(([field]) => field === name);
      expect(defaults.get(`\`${name}\``), name).toBe(`${value}${other ? `; adamw: ${other[1]}` : ""}`);
    }
    const documented = [...training.matchAll(/`([\w.]+)`/g)].map(([, name]) => name.replace("augment.", ""));
    const { augment, data, ...fields } = trainConfigSchema.shape;
    const all = [fields, augment.shape, data.shape].flatMap((shape) => Object.keys(shape));
    expect(all.filter((name) => !documented.includes(name))).toEqual([]);
  });

  it("says how many networks there are", () => {
    expect(readme).toContain(`\`npx senet models\` lists ${listModels().length}`);
  });

  it("prints what its example says", () => {
    const [example] = blocks("ts");
    const [output] = blocks("").filter((block) => block.includes("parameters:"));
    // Inside the package, so that the package's own name is found.
    const scratch = mkdtempSync(join(root, ".readme-"));
    try {
      const file = join(scratch, "example.ts");
      writeFileSync(file, example);
      const found = execFileSync(process.execPath, ["--import", "tsx", file], {
        cwd: root,
        encoding: "utf8",
      });
      expect(found.trim()).toBe(output.trim());
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });

  it("shows the paper's tables as they are printed", async () => {
    const { stdout } = await senet(folder.path, ["complexity", "--paper"]);
    expect(readFileSync(join(root, "docs/complexity.md"), "utf8")).toContain(stdout.trim());
  });
});
