import { SenetError, usageError } from "../../base/errors.ts";
import { listOf, megabytes, percent, plural } from "../../base/format.ts";
import { namePattern } from "../../base/name-pattern.ts";
import { readWhole } from "../../files/read-whole-node.ts";
import { firstNonFinite } from "../../ir/tensor.ts";
import { parseOnnxFile } from "../../onnx/read-onnx-file-node.ts";
import { writeOnnxChunks } from "../../onnx/write-onnx.ts";
import { matchSE, type SEBlock } from "../../passes/se/match-se.ts";
import { stagesOf } from "../../passes/se/stages-of.ts";
import { type StrippedSE, stripSE } from "../../passes/se/strip-se.ts";
import { formatTable } from "../../report/text-table.ts";
import type { Run } from "../shared/define-command.ts";
import { printJson, printText } from "../shared/print.ts";
import { checkOutput, writeModel } from "../shared/write-model.ts";
import { openCalibration } from "./calibration.ts";
import type { command, StripFlags } from "./command.ts";

/** Names of blocks in a sentence before they are only counted. */
const NAMED = 8;

/** `senet strip IN.onnx OUT.onnx`: writes the network without SE blocks, and says which are gone and what that cost. */
export const run: Run<typeof command> = async ([file, out], flags) => {
  await checkOutput(out, flags.force, file);
  const source = await readWhole(file);
  const graph = parseOnnxFile(file, source);
  const blocks = chooseBlocks(file, matchSE(graph), flags);
  const { data, gate } = flags;
  if ((data === undefined) === (gate === undefined)) {
    throw usageError(
      `senet strip: expected --data with images over which gates are averaged, or --gate with a constant instead, found ${gate === undefined ? "neither" : "both"}; give one.`,
    );
  }
  await using calibration =
    data === undefined ? undefined : await openCalibration({ file, graph, bytes: source }, data, flags);
  const measured = await calibration?.gates(blocks);
  const gates = new Map(
    blocks.map((block, i) => [block, measured?.gates[i] ?? new Float32Array(block.channels).fill(gate ?? 0)]),
  );
  for (const [{ path }, means] of gates) refuseNonFinite(file, path, means);
  const { graph: without, stripped } = stripSE(graph, gates);
  const before = await calibration?.accuracy(graph);
  const after = await calibration?.accuracy(without);
  const written = writeOnnxChunks(without);
  if (!(await writeModel(out, written))) return;
  const bytes = written.byteLength;
  const rows = stripped.map((one) => rowOf(one, gates.get(one.block) ?? new Float32Array()));
  const images = measured?.images ?? 0;
  if (flags.json) return printJson({ model: file, file: out, bytes, images, before, after, blocks: rows });
  const averaged = images > 0 ? `; gates averaged over ${plural(images, "image")} of ${data}` : "";
  printText(
    `${describeRows(rows)}\n\n${out}: ${megabytes(bytes)}, without ${plural(rows.length, "SE block")}${averaged}`,
  );
  if (before === undefined || after === undefined) return;
  printText(`top-1 on the test split: ${percent(before)} before, ${percent(after)} after`);
};

function refuseNonFinite(file: string, block: string, gates: Float32Array): void {
  const found = firstNonFinite({ data: gates });
  if (found === undefined) return;
  throw new SenetError(
    "data",
    `${file}: expected finite gates of the SE block ${block}, found ${found}; check the network's weights and how its images are prepared.`,
  );
}

function chooseBlocks(file: string, all: readonly SEBlock[], { where, stages }: StripFlags): SEBlock[] {
  if (all.length === 0) {
    throw new SenetError("graph", `${file}: expected SE blocks to take out, found none; take another model.`);
  }
  const numbers = stagesOf(all.map(({ scale }) => scale.outputs[0]));
  const wanted = stages === "last" ? [Math.max(...numbers)] : stages;
  const fits = where === undefined ? () => true : namePattern(where);
  const chosen = all.filter(
    ({ path }, i) => fits(path) && (wanted === undefined || wanted.includes(numbers[i])),
  );
  if (chosen.length > 0) return chosen;
  const names = all.map(({ path }, i) => `${path || "one without a name"} in stage ${numbers[i]}`);
  throw usageError(
    `${file}: expected --where and --stages that fit some SE block, ${listOf(names, NAMED)}, found none that fits; correct them.`,
  );
}

/** A block, with the mean, minimum and maximum of the factors of its channels. */
function rowOf({ block, keptBy }: StrippedSE, gates: Float32Array) {
  return {
    block: block.path,
    channels: block.channels,
    mean: gates.reduce((sum, gate) => sum + gate, 0) / gates.length,
    min: gates.reduce((min, gate) => Math.min(min, gate), Number.POSITIVE_INFINITY),
    max: gates.reduce((max, gate) => Math.max(max, gate), Number.NEGATIVE_INFINITY),
    keptBy,
  };
}

function describeRows(rows: readonly ReturnType<typeof rowOf>[]): string {
  return formatTable(
    ["block", "channels", "mean gate", "min", "max", "now in"],
    rows.map(({ block, channels, mean, min, max, keptBy }) => [
      block,
      channels,
      mean.toFixed(3),
      min.toFixed(3),
      max.toFixed(3),
      keptBy === "weights" ? "weights before it" : "a product with its map",
    ]),
  );
}
