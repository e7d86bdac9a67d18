import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { complexity } from "../../analysis/complexity.ts";
import { imagesInput } from "../../analysis/images-input.ts";
import { type Profile, profileOf, type Shares } from "../../analysis/profile.ts";
import { SenetError, usageError } from "../../base/errors.ts";
import { byteAmount, milliseconds, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { formatTable } from "../../report/text-table.ts";
import { physicalCores } from "../../runtime/physical-cores-node.ts";
import { timeModels } from "../../runtime/time-models-node.ts";
import type { Run } from "../shared/define-command.ts";
import { stoppable } from "../shared/interrupt.ts";
import { loadModel } from "../shared/load-model.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress } from "../shared/progress.ts";
import { withKnownInputs } from "../shared/with-known-inputs.ts";
import type { command } from "./command.ts";

/** Runs before the timed ones: memory is allocated and caches are filled in them. */
const WARMUP = 3;

/** `senet profile MODEL|FILE.onnx`: prints where the time goes. */
export const run: Run<typeof command> = async ([model], flags) => {
  const { runs, depth, threads = physicalCores() } = flags;
  const graph = withKnownInputs(model, (await loadModel(model, flags)).graph);
  checkMemory(model, graph);
  const measured = await measure(model, graph, runs, threads);
  if (!measured) return;
  const profile = profileOf(graph, measured.trace, { warmup: WARMUP, depth });
  const input = (imagesInput(graph) ?? graph.inputs[0]).shape;
  const { latencyMs } = measured;
  if (flags.json) {
    const { kernelMs, seShare, seBlocks } = profile;
    const [batch, ...image] = input;
    const [kinds, modules] = [profile.kinds.map(partJson), profile.modules.map(partJson)];
    const settings = { model, input: image, batch, threads, runs };
    return printJson({ ...settings, latencyMs, kernelMs, seBlocks, seShare, kinds, modules });
  }
  printText(
    `${model}: input ${formatShape(input)}, ${plural(threads, "thread")}, ${plural(runs, "run")} after ${WARMUP} to warm up\n` +
      `one run takes ${milliseconds(latencyMs.median)} (median; at least ${milliseconds(latencyMs.min)}); under the profiler its kernels add up to ${milliseconds(profile.kernelMs)}\n`,
  );
  const modules = profile.modules.map((row) => [row.module, ...shareCells(row)]);
  const kinds = profile.kinds.map((row) => [row.kind, row.nodes, row.kernels, ...shareCells(row)]);
  printText(`${formatTable(["module", ...SHARES], modules)}\n`);
  printText(`${formatTable(["kind", "nodes", "kernels", ...SHARES], kinds)}\n\n${seLine(profile)}\n`);
  printText(
    "Bytes moved: what each node reads and writes, as if it ran alone. A node without a kernel is fused into another's: ONNX Runtime folds BatchNorm and ReLU into the convolution before them. Layout: copies between the plain layout and NCHWc, in which convolutions run.",
  );
};

/**
 * Checks that this machine can hold what a run has in memory at once.
 *
 * @throws SenetError `usage` when it cannot
 */
function checkMemory(model: string, graph: Graph): void {
  const { peakActivationBytes } = complexity(graph);
  const available = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  if (peakActivationBytes <= available) return;
  const input = formatShape(graph.inputs[0].shape);
  throw usageError(
    `${model}: expected activations that fit in the ${byteAmount(available)} of memory here, found ${byteAmount(peakActivationBytes)} for an input of ${input}; choose a smaller --size or --batch.`,
  );
}

interface Measured {
  /** The engine's profile, as text. */
  readonly trace: string;
  /** Of runs without the profiler, which slows small kernels down. */
  readonly latencyMs: { readonly min: number; readonly median: number };
}

/** Runs with the profiler and without in turn. @returns nothing when interrupted. */
async function measure(
  model: string,
  graph: Graph,
  runs: number,
  threads: number,
): Promise<Measured | undefined> {
  const progress = createProgress();
  const folder = await mkdtemp(join(tmpdir(), "senet-profile-"));
  try {
    return await stoppable(progress, "interrupted; nothing was written", async (check) => {
      progress.update(() => `loading ${model}`);
      const bytes = writeOnnx(graph);
      const onRound = (done: number) => {
        check();
        progress.update(() => `profiling ${model}: run ${done}/${runs}`);
      };
      const [{ min, median }] = await timeModels(
        [
          { name: "plain", model: bytes },
          { name: "profiled", model: bytes, profile: join(folder, "trace") },
        ],
        { threads, rounds: runs, warmup: WARMUP, onRound },
      );
      const [file] = await readdir(folder);
      if (file === undefined)
        throw new SenetError(
          "engine",
          `ONNX Runtime: expected a profile in ${folder}, found none; check that there is space left, and try again.`,
        );
      return { trace: await readFile(join(folder, file), "utf8"), latencyMs: { min, median } };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `macs` alone is a count in all JSON of the command line. */
function partJson<T extends Shares>({ time, macs, bytes, ...rest }: T) {
  return { ...rest, timeShare: time, macsShare: macs, bytesShare: bytes };
}

const SHARES = ["ms", "time %", "MACs %", "bytes %"];

function shareCells({ ms, time, macs, bytes }: Shares & { readonly ms: number }): string[] {
  return [ms === 0 ? NOTHING : ms.toFixed(3), ...[time, macs, bytes].map(perCent)];
}

function seLine({ seBlocks, seShare }: Profile): string {
  if (seBlocks === 0) return "SE blocks: none";
  const { time, macs, bytes, behind, reorders } = seShare;
  const caused = [
    [behind, "sums and activations behind them, which run alone"],
    [reorders, "copies to another layout around them"],
  ] as const;
  const more = caused.flatMap(([share, what]) => (share > 0 ? `${perCent(share)} % ${what}` : []));
  return (
    `SE blocks: ${perCent(time)} % of the time, ${perCent(macs)} % of the MACs, ${perCent(bytes)} % of the bytes moved` +
    (more.length === 0 ? "" : `\n  and of the time also ${more.join(", ")}`)
  );
}

const NOTHING = "–";

/** A share as per cent, with two significant digits at least. */
function perCent(share: number): string {
  if (share === 0) return NOTHING;
  const value = 100 * share;
  return value < 0.005 ? "<0.01" : value.toFixed(value < 0.95 ? 2 : 1);
}
