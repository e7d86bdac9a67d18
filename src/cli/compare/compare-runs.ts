import { basename, join, resolve } from "node:path";
import { complexity } from "../../analysis/complexity.ts";
import { SenetError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import { readWhole } from "../../files/read-whole-node.ts";
import { parseOnnxFile } from "../../onnx/read-onnx-file-node.ts";
import { formatTable } from "../../report/text-table.ts";
import { timeModels } from "../../runtime/time-models-node.ts";
import { buildStep } from "../../train/build.ts";
import { engineTitles } from "../../train/engine/engine.ts";
import { timeSteps } from "../../train/engine/time-steps-node.ts";
import { openRunFolder, runFiles } from "../../train/run-folder-node.ts";
import { totalsJson } from "../shared/count-model.ts";
import { printJson, printText } from "../shared/print.ts";
import { counter, createProgress, type Progress } from "../shared/progress.ts";
import { checkOutput } from "../shared/write-model.ts";
import type { CompareFlags } from "./command.ts";
import { type ComparedRun, type Comparison, comparisonTable, type OpenRun } from "./comparison.ts";
import { recipeDifferences } from "./recipe-differences.ts";
import { writeReport } from "./write-report.ts";

const STEP_TIMING = { rounds: 20, warmup: 2, budgetMs: 15_000 } as const;
const INFERENCE_TIMING = { rounds: 300, warmup: 20, budgetMs: 10_000 } as const;

/** `senet compare RUN RUN …`: prints a table, and writes a report if asked to. */
export async function compareRuns(paths: readonly string[], flags: CompareFlags): Promise<void> {
  if (flags.report !== undefined) await checkOutput(flags.report, true);
  using progress = createProgress();
  const comparison = await compare(paths, flags, progress);
  for (const warning of comparison.warnings) progress.line(`note: ${warning}`);
  if (flags.json) printJson(toJson(comparison));
  else {
    const { columns, rows } = comparisonTable(comparison.runs);
    printText(`${formatTable(columns, rows)}\n\n${comparison.measured}`);
  }
  if (flags.report !== undefined) {
    const command = `senet compare ${paths.join(" ")} --report ${flags.report}`;
    await writeReport(flags.report, comparison, command);
    progress.line(`report: ${flags.report}`);
  }
}

async function compare(
  paths: readonly string[],
  { threads }: CompareFlags,
  progress: Progress,
): Promise<Comparison> {
  const opened = await Promise.all(paths.map(openRun));
  const steps = await timeSteps(
    opened.map(({ path, config, initial }) => ({
      name: path,
      // Where oneDNN is not any more, its runs are timed on ONNX Runtime.
      engine: config.engine === "onnxruntime" ? config.engine : "auto",
      step: buildStep(config, initial),
    })),
    { ...STEP_TIMING, threads, onRound: counter(progress, "timing training steps") },
  );
  const inferences = await timeModels(
    opened.map(({ path, model }) => ({ name: path, model })),
    { ...INFERENCE_TIMING, threads, onRound: counter(progress, "timing inference") },
  );
  const labels = labelsOf(opened);
  const runs = opened.map((run, i) => ({
    ...run,
    label: labels[i],
    complexity: complexity(run.initial),
    stepMs: steps[i].median,
    inferenceMs: inferences[i].median,
  }));
  const batches = [...new Set(runs.map(({ config }) => config.batch))].join(" and ");
  const engines = [...new Set(steps.map(({ engine }) => engineTitles[engine]))].join(" and ");
  const measured = `Times are medians measured now, the runs in alternation${threads === undefined ? "" : `, ${plural(threads, "thread")}`}: ${steps[0].rounds} training steps on ${engines} with a batch of ${batches}, ${inferences[0].rounds} inferences of one image. MACs are those of one image; 1 MAC = 2 FLOPs. Differences are against ${labels[0]}.`;
  return { runs, measured, warnings: [...unfinished(runs), ...recipeDifferences(runs)] };
}

async function openRun(path: string): Promise<OpenRun> {
  const folder = await openRunFolder(path);
  const records = await folder.readLog();
  const last = records.at(-1);
  if (!last) {
    throw new SenetError(
      "file",
      `${path}: expected at least one finished epoch, found none; resume with \`senet train --resume ${path}\`.`,
    );
  }
  const best = records.reduce((a, b) => (b.test.top1 > a.test.top1 ? b : a));
  const file = join(path, runFiles.model);
  const model = await readWhole(file);
  parseOnnxFile(file, model); // reports a damaged file by its name, which the engine does not know
  const { model: initial } = await folder.readRun();
  return { path, config: folder.config, records, last, best, model, initial };
}

/** The model where it distinguishes the runs, otherwise the folder's name, otherwise its path. */
function labelsOf(runs: readonly OpenRun[]): string[] {
  const candidates = [
    runs.map(({ config }) => config.model),
    runs.map(({ path }) => basename(resolve(path))),
    runs.map(({ path }) => path),
  ];
  return candidates.find((labels) => new Set(labels).size === labels.length) ?? candidates[2];
}

function unfinished(runs: readonly ComparedRun[]): string[] {
  return runs
    .filter(({ config, records }) => records.length < config.epochs)
    .map(({ path, config, records }) => `${path} has done ${records.length} of ${config.epochs} epochs`);
}

function toJson({ runs, measured, warnings }: Comparison): unknown {
  const [first] = runs;
  const share = (value: number, base: number) => (value - base) / base;
  return {
    runs: runs.map((run) => ({
      run: run.path,
      model: run.config.model,
      epochs: run.records.length,
      test: run.last.test,
      best: { epoch: run.best.epoch, ...run.best.test },
      ...totalsJson(run.complexity),
      stepMs: run.stepMs,
      inferenceMs: run.inferenceMs,
      // Against the first run: accuracy as a difference, the rest as a share of the first run's.
      difference: {
        top1: run.last.test.top1 - first.last.test.top1,
        params: share(run.complexity.parameters, first.complexity.parameters),
        macs: share(run.complexity.macs, first.complexity.macs),
        stepMs: share(run.stepMs, first.stepMs),
        inferenceMs: share(run.inferenceMs, first.inferenceMs),
      },
    })),
    measured,
    warnings,
  };
}
