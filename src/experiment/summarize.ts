import type { TrialResult } from "./experiment-folder-node.ts";
import { paretoFront } from "./pareto.ts";
import { differenceOf, type MeanDifference, type Sample, sampleOf } from "./statistics.ts";
import type { PlannedVariant } from "./trials-node.ts";

/** One training in an experiment's outcome. */
export interface OutcomeRun {
  readonly seed: number;
  readonly id: string;
  readonly result: TrialResult;
}

/** The outcome of a variant. */
export interface VariantOutcome extends Omit<PlannedVariant, "trials"> {
  readonly runs: readonly OutcomeRun[];
  /** Test accuracy after the last epoch, over the seeds that did not diverge. */
  readonly accuracy: Sample;
  /** Median milliseconds of one inference of one image. */
  readonly latencyMs: number;
  /** Against the first configuration of the same model and recipe; none for that one itself. */
  readonly against?: MeanDifference & { readonly name: string };
  /** Whether no other variant has both a better mean accuracy and fewer MACs, or less time. */
  readonly onFront: { readonly macs: boolean; readonly latency: boolean };
}

/** Puts together what was measured of each variant. */
export function summarize(
  variants: readonly PlannedVariant[],
  results: ReadonlyMap<string, TrialResult>,
  latencies: readonly { readonly median: number }[],
): VariantOutcome[] {
  const measured = variants.map(({ trials, ...variant }, i) => {
    const runs = trials.flatMap(({ id, config }) => {
      const result = results.get(id);
      return result ? [{ seed: config.seed, id, result }] : [];
    });
    const top1 = runs.flatMap(({ result }) => (result.status === "finished" ? [result.test.top1] : []));
    return { ...variant, runs, accuracy: sampleOf(top1), latencyMs: latencies[i].median };
  });
  const frontBy = (costOf: (variant: (typeof measured)[number]) => number) =>
    paretoFront(measured.map((variant) => ({ cost: costOf(variant), value: variant.accuracy.mean })));
  const byMacs = frontBy(({ complexity }) => complexity.macs);
  const byLatency = frontBy(({ latencyMs }) => latencyMs);
  return measured.map((variant, i) => {
    const base = measured.find(({ model, recipe }) => model === variant.model && recipe === variant.recipe);
    const onFront = { macs: byMacs[i], latency: byLatency[i] };
    if (base === undefined || base === variant) return { ...variant, onFront };
    return {
      ...variant,
      onFront,
      against: { name: base.name, ...differenceOf(variant.accuracy, base.accuracy) },
    };
  });
}
