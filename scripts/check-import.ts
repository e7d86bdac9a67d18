/**
 * `tsx scripts/check-import.ts FOLDER [--write]`: reads every export that `scripts/export_networks.py` wrote into FOLDER, writes it
 * again, and runs both files on one batch in ONNX Runtime. Prints how far the outputs are apart, relative to the largest, and how many
 * SE blocks are found; exits with 1 where that is more than 1e-5 or the count is not that of the network's modules. With `--write`
 * the table goes into docs/import.md.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { randomTensor } from "../src/analysis/random-feeds.ts";
import { tensorDifference } from "../src/analysis/tensor-difference.ts";
import { randomStream } from "../src/base/random.ts";
import type { Tensor } from "../src/ir/tensor.ts";
import { parseOnnxFile } from "../src/onnx/read-onnx-file-node.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { verify } from "../src/ops/verify.ts";
import { matchSE } from "../src/passes/se/match-se.ts";
import { writeSection } from "./doc-section.ts";
import { runModel } from "./run-model.ts";

const TOLERANCE = 1e-5;
const BATCH = 2;

interface Export {
  readonly file: string;
  readonly network: string;
  readonly exporter: string;
  readonly opset: number;
  readonly size: number;
  readonly seBlocks: number;
  readonly torch: string;
  readonly error?: string;
}

interface Result extends Export {
  readonly found?: number;
  readonly apart?: number;
  readonly failure?: string;
}

const [folder, ...flags] = process.argv.slice(2);
if (!folder) {
  console.error("check-import: expected the folder that export_networks.py has written; give its path.");
  process.exit(2);
}
const exports: Export[] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
const results: Result[] = [];
for (const one of exports) {
  const result = await check(one);
  results.push(result);
  console.log(`${one.file.padEnd(46)} ${verdict(result)}`);
}
const failures = results.filter((result) => !agrees(result)).length;
console.log(`${results.length - failures} of ${results.length} exports agree to ${TOLERANCE}.`);
if (flags.includes("--write")) {
  writeSection(new URL("../docs/import.md", import.meta.url), "exports", table());
}
process.exitCode = failures > 0 ? 1 : 0;

async function check(one: Export): Promise<Result> {
  if (one.error) return { ...one, failure: `not exported: ${one.error}` };
  try {
    const bytes = readFileSync(join(folder, one.file));
    const graph = parseOnnxFile(join(folder, one.file), bytes);
    verify(graph);
    const images = randomTensor([BATCH, 3, one.size, one.size], randomStream(0));
    const original = await runModel(bytes, images);
    const again = await runModel(writeOnnx(graph), images);
    return { ...one, found: matchSE(graph).length, apart: difference(again, original) };
  } catch (error) {
    return { ...one, failure: (error as Error).message };
  }
}

/** Largest difference of any output, as a share of that output's largest element. */
function difference(found: readonly Tensor[], expected: readonly Tensor[]): number {
  if (found.length !== expected.length) return Number.NaN;
  return Math.max(...expected.map((output, i) => tensorDifference(output, found[i]).relative));
}

function agrees({ apart, found, seBlocks }: Result): boolean {
  return apart !== undefined && apart <= TOLERANCE && found === seBlocks;
}

function verdict(result: Result): string {
  if (result.failure) return result.failure;
  const { apart = Number.NaN, found, seBlocks } = result;
  return `${apart.toExponential(1)}, ${found} of ${seBlocks} SE blocks${agrees(result) ? "" : "  DIFFERS"}`;
}

/** One row per network, one column per exporter and opset. */
function table(): string {
  const columns = [...new Set(results.map(({ exporter, opset }) => `${exporter} ${opset}`))];
  const networks = [...new Set(results.map(({ network }) => network))];
  const cell = (network: string, column: string) => {
    const result = results.find(
      (one) => one.network === network && `${one.exporter} ${one.opset}` === column,
    );
    if (!result) return "";
    if (result.failure || result.apart === undefined) return "fails";
    return `${agrees(result) ? "" : "**"}${result.apart.toExponential(0)}${agrees(result) ? "" : "**"}`;
  };
  const rows = networks.map((network) => {
    const mine = results.filter((result) => result.network === network);
    const blocks = `${Math.min(...mine.map(({ found }) => found ?? 0))} of ${mine[0].seBlocks}`;
    return `| \`${network}\` | ${blocks} | ${columns.map((column) => cell(network, column)).join(" | ")} |`;
  });
  return [
    `PyTorch ${results[0].torch}; ${results.length - failures} of ${results.length} exports agree.`,
    "",
    `| network | SE blocks found | ${columns.join(" | ")} |`,
    `|---|---|${columns.map(() => "---").join("|")}|`,
    ...rows,
  ].join("\n");
}
