/**
 * `tsx scripts/check-insert.ts FOLDER [--only PATTERN] [--with FILE.onnx:HEIGHTxWIDTH] [--write]`: inserts SE blocks with `senet insert` into every export that
 * `scripts/export_networks.py` wrote into FOLDER, and into FILE, and runs both files on one batch in
 * ONNX Runtime. Prints the blocks, and how far the outputs are apart, relative to the largest; exits with 1 where that is more
 * than 1e-5. With `--write` the table goes into docs/insert.md.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomTensor } from "../src/analysis/random-feeds.ts";
import { tensorDifference } from "../src/analysis/tensor-difference.ts";
import { randomStream } from "../src/base/random.ts";
import { writeSection } from "./doc-section.ts";
import { runModel } from "./run-model.ts";

const TOLERANCE = 1e-5;
const BATCH = 2;
const COMMAND = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

interface Subject {
  readonly name: string;
  readonly path: string;
  readonly height: number;
  readonly width: number;
}

interface Outcome {
  readonly name: string;
  readonly kinds: string;
  readonly blocks: number;
  readonly parameters: number;
  readonly apart: number;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    with: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (!folder) {
  console.error("check-insert: expected the folder that export_networks.py has written; give its path.");
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), "senet-insert-"));
const outcomes: Outcome[] = [];
try {
  for (const subject of [...exportsOf(folder), ...values.with.map(subjectOf)]) {
    const outcome = await check(subject);
    outcomes.push(outcome);
    const { name, blocks, kinds, parameters, apart } = outcome;
    console.log(
      `${name.padEnd(46)} ${blocks} × ${kinds}, ${parameters} parameters, ${apart.toExponential(1)}`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true });
}
const good = outcomes.filter(({ apart }) => apart <= TOLERANCE).length;
console.log(`${good} of ${outcomes.length} files compute what they did to ${TOLERANCE}.`);
if (values.write) writeSection(new URL("../docs/insert.md", import.meta.url), "exports", table());
process.exitCode = good === outcomes.length ? 0 : 1;

function exportsOf(folder: string): Subject[] {
  const manifest: { file: string; size: number; error?: string }[] = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  return manifest
    .filter(({ file, error }) => !error && new RegExp(values.only).test(file))
    .map(({ file, size }) => ({
      name: file.replace(/\.onnx$/, ""),
      path: join(folder, file),
      height: size,
      width: size,
    }));
}

/** `FILE.onnx:48x192`. */
function subjectOf(text: string): Subject {
  const [, path, height, width] = /^(.*):(\d+)x(\d+)$/.exec(text) ?? [];
  if (path === undefined) throw new Error(`--with: expected FILE.onnx:HEIGHTxWIDTH, found ${text}.`);
  return { name: basename(path, ".onnx"), path, height: Number(height), width: Number(width) };
}

async function check({ name, path, height, width }: Subject): Promise<Outcome> {
  const out = join(scratch, "out.onnx");
  const args = ["--import", "tsx", COMMAND, "insert", path, out, "--force", "--json"];
  const result: { blocks: { kind: string }[]; parameters: number } = JSON.parse(
    execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  );
  const images = randomTensor([BATCH, 3, height, width], randomStream(0));
  const [before] = await runModel(readFileSync(path), images);
  const [after] = await runModel(readFileSync(out), images);
  const kinds = [...new Set(result.blocks.map(({ kind }) => kind))].join(", ");
  return {
    name,
    kinds,
    blocks: result.blocks.length,
    parameters: result.parameters,
    apart: tensorDifference(before, after).relative,
  };
}

function table(): string {
  return [
    "| file | blocks | places | parameters added | largest difference |",
    "|---|---|---|---|---|",
    ...outcomes.map(
      ({ name, blocks, kinds, parameters, apart }) =>
        `| \`${name}\` | ${blocks} | ${kinds} | ${parameters.toLocaleString("en-US")} | ${apart.toExponential(0)} |`,
    ),
  ].join("\n");
}
