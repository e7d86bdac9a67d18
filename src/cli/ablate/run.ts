import { join } from "node:path";
import { defined } from "../../base/defined.ts";
import { usageError } from "../../base/errors.ts";
import { clock, grouped, plural } from "../../base/format.ts";
import { type Loader, openData } from "../../data/loader/loader-node.ts";
import { estimateSeconds } from "../../experiment/estimate-node.ts";
import {
  type ExperimentFolder,
  openExperimentFolder,
  peekExperimentFolder,
  type TrialResult,
} from "../../experiment/experiment-folder-node.ts";
import { outcomeCsv, outcomeJson } from "../../experiment/outcome-json.ts";
import { presetNames, readSpec } from "../../experiment/read-spec-node.ts";
import { inOrder, runTrials } from "../../experiment/run-trials-node.ts";
import type { ExperimentSpec } from "../../experiment/spec.ts";
import { summarize } from "../../experiment/summarize.ts";
import { timeVariants } from "../../experiment/time-variants-node.ts";
import { type PlannedVariant, planTrials, type Trial } from "../../experiment/trials-node.ts";
import { lockFolder } from "../../files/lock-folder-node.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { formatTable } from "../../report/text-table.ts";
import type { Run } from "../shared/define-command.ts";
import { catchInterrupt } from "../shared/interrupt.ts";
import { openWithProgress } from "../shared/open-data.ts";
import { printJson, printText } from "../shared/print.ts";
import { counter, createProgress, type Progress, whileWaiting } from "../shared/progress.ts";
import type { AblateFlags, command } from "./command.ts";
import { ablationProgress } from "./progress.ts";
import { notesOn, outcomeTable } from "./table.ts";
import { writeAblationReport } from "./write-report.ts";

/** What takes longer needs --yes: nobody wants to learn tomorrow of a slip in a spec. */
const LONG_HOURS = 6;

/** `senet ablate SPEC|PRESET`, `senet ablate --list`. */
export const run: Run<typeof command> = async ([target], flags) => {
  if (flags.list) return listPresets(flags);
  if (target !== undefined) return runAblation(target, flags);
  throw usageError(
    "senet ablate: expected a spec file or a preset, found neither; `senet ablate --list` lists the presets.",
  );
};

async function listPresets({ json }: AblateFlags): Promise<void> {
  const specs = await Promise.all(
    (await presetNames()).map(async (preset) => ({ preset, spec: await readSpec(preset) })),
  );
  if (json) return printJson(specs.map(({ preset, spec }) => ({ preset, ...spec })));
  const rows = specs.map(({ preset, spec }) => [preset, spec.about ?? spec.name]);
  printText(formatTable(["preset", "question"], rows));
}

/** Trains what is missing, then measures, prints and writes. */
async function runAblation(target: string, flags: AblateFlags): Promise<void> {
  const spec = withFlags(await readSpec(target), flags);
  const out = flags.out ?? join("experiments", spec.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-"));
  using progress = createProgress();
  const folder = await peekExperimentFolder(out, spec.name);
  const { data: path, size, limit } = spec;
  await using loader = await openWithProgress(progress, ({ onProgress }) =>
    openData(path, { size, limit, onProgress }),
  );
  const variants = await planTrials(spec, loader);
  const trials = inOrder(variants);
  const pending = await pendingOf(trials, folder);
  progress.line(introduction(spec, variants, trials, pending));
  const secondsOf = await whileWaiting(
    progress,
    "timing a few steps of the largest configuration",
    estimateSeconds(variants, new Set(pending.map(({ id }) => id)), flags.threads),
  );
  const seconds = secondsOf(pending);
  if (pending.length > 0)
    progress.line(`estimated time: ${clock(seconds)} for ${plural(pending.length, "training")}`);
  if (flags.dryRun) return printPlan(variants, pending, seconds, flags);
  refuseLong(seconds, target, flags);
  const experiment = await openExperimentFolder(out, spec.name);
  await using _lock = await lockFolder(out);
  using interrupt = catchInterrupt(() => progress.line("interrupted: finishing the step, then saving"));
  const { signal } = interrupt;
  try {
    const results = await runTrials(variants, experiment, {
      loader,
      threads: flags.threads,
      signal,
      ...ablationProgress(variants, { pending, secondsOf }, progress),
    });
    if (!results) throw signal.reason;
    const finished = { spec, variants, results, out, command: commandLine(target, flags), signal };
    await conclude(finished, loader, flags, progress);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    process.exitCode = interrupt.exitCode;
    if (!flags.json) printText("stopped and saved; the same command goes on");
  }
}

/** A finished experiment. */
interface Finished {
  readonly spec: ExperimentSpec;
  readonly variants: readonly PlannedVariant[];
  readonly results: ReadonlyMap<string, TrialResult>;
  readonly out: string;
  /** The command line that makes its report again. */
  readonly command: string;
  /** Ends the measurement of latency. */
  readonly signal: AbortSignal;
}

/** Measures latency, then prints and writes what came out. */
async function conclude(
  { spec, variants, results, out, command, signal }: Finished,
  loader: Loader,
  flags: AblateFlags,
  progress: Progress,
): Promise<void> {
  const latencies = await timeVariants(variants, flags.threads, (done, rounds) => {
    signal.throwIfAborted();
    counter(progress, "timing inference")(done, rounds);
  });
  progress.end();
  const outcomes = summarize(variants, results, latencies);
  const timing = { rounds: latencies[0].rounds, threads: flags.threads };
  const notes = notesOn(outcomes, loader.test?.length ?? 0, timing);
  const json = outcomeJson(spec, outcomes);
  const { columns, rows } = outcomeTable(outcomes);
  const text = [formatTable(columns, rows), ...notes].join("\n\n");
  await writeFileAtomic(join(out, "results.json"), [`${JSON.stringify(json, null, 2)}\n`]);
  await writeFileAtomic(join(out, "results.csv"), [outcomeCsv(outcomes)]);
  await writeFileAtomic(join(out, "results.txt"), [`${text}\n`]);
  await writeAblationReport(join(out, "report.html"), { spec, outcomes, notes, command });
  if (flags.json) printJson(json);
  else printText(text);
  progress.line(`written: ${join(out, "report.html")}, results.txt, results.csv, results.json`);
}

function withFlags(spec: ExperimentSpec, { data, limit, epochs, seeds }: AblateFlags): ExperimentSpec {
  return {
    ...spec,
    ...defined({ data, limit, seeds }),
    ...(epochs !== undefined && {
      train: { ...spec.train, epochs },
      ...(spec.recipes && { recipes: spec.recipes.map((recipe) => ({ ...recipe, epochs })) }),
    }),
  };
}

async function pendingOf(trials: readonly Trial[], folder: ExperimentFolder): Promise<Trial[]> {
  const results = await Promise.all(trials.map((trial) => folder.readResult(trial)));
  return trials.filter((_, i) => results[i] === undefined);
}

function introduction(
  { name }: ExperimentSpec,
  variants: readonly PlannedVariant[],
  trials: readonly Trial[],
  pending: readonly Trial[],
): string {
  const [{ config }] = trials;
  const [train, test] = config.data.samples;
  const done = trials.length - pending.length;
  return [
    `${name}: ${plural(variants.length, "configuration")}, ${plural(trials.length, "training")}${done > 0 ? `, ${done} of them done already` : ""}`,
    `${config.data.path}: ${grouped(train)} training and ${grouped(test)} test images of ${config.input.join("×")}, ${config.classes.length} classes`,
  ].join("\n");
}

function refuseLong(seconds: number, target: string, { yes }: AblateFlags): void {
  if (yes || seconds <= LONG_HOURS * 3600) return;
  const hours = seconds / 3600;
  const time = hours >= 48 ? `${grouped(Math.round(hours / 24))} days` : `${Math.round(hours)} hours`;
  throw usageError(
    `${target}: expected an experiment of at most ${LONG_HOURS} hours, found one of about ${time}; give --yes to begin it all the same, or fewer --seeds, --epochs or a --limit.`,
  );
}

function printPlan(
  variants: readonly PlannedVariant[],
  pending: readonly Trial[],
  seconds: number,
  { json }: AblateFlags,
): void {
  const open = new Set(pending.map(({ id }) => id));
  const plan = variants.map(({ name, complexity: { parameters, macs }, trials }) => ({
    name,
    params: parameters,
    macs,
    trainings: trials.length,
    done: trials.filter(({ id }) => !open.has(id)).length,
  }));
  const rows = plan.map(({ name, params, macs, trainings, done }) => {
    return [name, params, macs, `${done} of ${trainings}`];
  });
  if (json) printJson({ configurations: plan, estimatedSeconds: seconds });
  else printText(formatTable(["configuration", "parameters", "MACs", "done"], rows));
}

/** The command that makes the report again. */
function commandLine(target: string, { data, limit, epochs, seeds, out, threads }: AblateFlags): string {
  const given = { data, limit, epochs, seeds: seeds?.join(), out, threads };
  const options = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  return ["senet ablate", target, ...options].join(" ");
}
