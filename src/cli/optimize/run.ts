import { SenetError } from "../../base/errors.ts";
import { listOf, megabytes, milliseconds, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import { writeOnnxChunks } from "../../onnx/write-onnx.ts";
import { optimize, type RuleReport } from "../../passes/inference/optimize.ts";
import { largestDifference } from "../../runtime/largest-difference-node.ts";
import {
  type MeasuredForm,
  measureForms,
  type OptimizedForm,
  optimizedForms,
} from "../../runtime/optimized-forms-node.ts";
import { probeBlock } from "../../runtime/probe-block-node.ts";
import type { Run } from "../shared/define-command.ts";
import { stoppable } from "../shared/interrupt.ts";
import { loadModel } from "../shared/load-model.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress, type Progress, whileWaiting } from "../shared/progress.ts";
import { withKnownInputs } from "../shared/with-known-inputs.ts";
import { checkOutput, writeModel } from "../shared/write-model.ts";
import type { command, OptimizeFlags } from "./command.ts";

/** What a rewrite may change, relative to the largest output: rounding changes less, a mistake more. */
const TOLERANCE = 1e-4;

/** `senet optimize FILE.onnx OUT.onnx`: writes the network rewritten, and says what was done to it. */
export const run: Run<typeof command> = async ([file, out], flags) => {
  await checkOutput(out, flags.force, file);
  const { graph } = await loadModel(file, flags);
  withKnownInputs(file, graph);
  const block = flags.forThisMachine ? await blockHere() : undefined;
  const progress = createProgress();
  const measured = flags.measure ? await measure(graph, block, flags, progress) : undefined;
  if (flags.measure && !measured) return;
  const best = measured?.forms.toSorted((a, b) => a.ms - b.ms)[0];
  const { optimized } = best ?? { optimized: optimize(graph, { block }) };
  const { threads } = flags;
  const comparing = largestDifference({ ...graph, name: file }, optimized.graph, { threads });
  const difference = await whileWaiting(progress, "comparing with the original", comparing);
  if (!(difference.relative <= TOLERANCE)) {
    throw new SenetError(
      "graph",
      `${file}: expected the rewritten network to differ by at most ${TOLERANCE} of the largest output, found ${difference.relative.toExponential(1)}; nothing was written: this network amplifies rounding, as deep untrained ones do, or a rule is wrong, which please report.`,
    );
  }
  const bytes = writeOnnxChunks(optimized.graph);
  if (!(await writeModel(out, bytes))) return;
  const { rules } = optimized;
  if (flags.json) {
    const times = measured && {
      beforeMs: measured.before,
      forms: measured.forms.map(({ name, ms }) => ({ name, ms })),
      chosen: best?.name,
    };
    const written = { model: file, file: out, bytes: bytes.byteLength, block: block ?? null };
    return printJson({ ...written, difference, rules, measured: times });
  }
  if (measured) printText(`${timesText(measured, best)}\n`);
  printText(rules.map(ruleText).join("\n"));
  printText(
    `\n${out}: ${megabytes(bytes.byteLength)}${block === undefined ? "" : `, for processors with blocks of ${block}`}; on ${plural(difference.trials, "random input")} it differs from ${file} by at most ${difference.absolute.toExponential(1)}, ${difference.relative.toExponential(1)} of the largest output`,
  );
};

/** @throws SenetError `engine` where there are no blocks */
async function blockHere(): Promise<number> {
  const block = await probeBlock();
  if (block !== undefined) return block;
  throw new SenetError(
    "engine",
    "--for-this-machine: expected an ONNX Runtime with NCHWc convolutions, found one without; leave it out.",
  );
}

/** The forms with their times; nothing when interrupted. */
function measure(
  graph: Graph,
  block: number | undefined,
  { threads }: OptimizeFlags,
  progress: Progress,
): Promise<{ before: number; forms: MeasuredForm[] } | undefined> {
  const forms: OptimizedForm[] = optimizedForms(graph, block);
  return stoppable(progress, "interrupted; nothing was written", (check) =>
    measureForms(graph, forms, {
      threads,
      onRound(done, rounds) {
        check();
        progress.update(() => `measuring ${plural(forms.length, "form")}: round ${done}/${rounds}`);
      },
    }),
  );
}

function timesText(
  { before, forms }: { before: number; forms: readonly MeasuredForm[] },
  best: MeasuredForm | undefined,
): string {
  return [
    `as it was: ${milliseconds(before)}`,
    ...forms.map((form) => `${form.name}: ${milliseconds(form.ms)}${form === best ? " (kept)" : ""}`),
  ].join("\n");
}

function ruleText({ rule, applied, skipped }: RuleReport): string {
  const places =
    applied.length === 0 ? "nowhere" : `in ${plural(applied.length, "place")}: ${listOf(applied)}`;
  const reasons = new Map<string, string[]>();
  for (const { where, why } of skipped) reasons.set(why, [...(reasons.get(why) ?? []), where]);
  return [
    `${rule}: ${places}`,
    ...[...reasons].map(([why, where]) => `  not at ${listOf(where)}: ${why}`),
  ].join("\n");
}
