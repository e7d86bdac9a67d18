import { amount, byteAmount, grouped, milliseconds, plural, points } from "../../base/format.ts";
import type { VariantOutcome } from "../../experiment/summarize.ts";

/** An experiment's outcome as a table: a row a configuration. */
export function outcomeTable(outcomes: readonly VariantOutcome[]): { columns: string[]; rows: string[][] } {
  const columns = [
    "configuration",
    "test accuracy",
    "difference",
    "in the noise",
    "parameters",
    "MACs",
    "bytes",
    "latency",
  ];
  const rows = outcomes.map(({ name, accuracy, against, complexity, latencyMs }) => [
    name,
    accuracy.count === 0 ? "diverged" : `${hundredths(accuracy.mean)} ± ${hundredths(accuracy.deviation)} %`,
    against ? `${points(against.difference)} ± ${hundredths(against.standardError)}` : "–",
    verdict(against),
    grouped(complexity.parameters),
    amount(complexity.macs),
    byteAmount(complexity.bytesMoved),
    milliseconds(latencyMs),
  ]);
  return { columns, rows };
}

/** What must be said of the figures, one paragraph each. */
export function notesOn(
  outcomes: readonly VariantOutcome[],
  testImages: number,
  { rounds, threads }: { readonly rounds: number; readonly threads: number | undefined },
): string[] {
  const seeds = outcomes[0].runs.length;
  const compared = outcomes.filter(({ against }) => against?.insideNoise !== undefined);
  const outside = compared.filter(({ against }) => against?.insideNoise === false);
  const diverged = outcomes.flatMap(({ name, runs }) => {
    const count = runs.filter(({ result }) => result.status === "diverged").length;
    return count === 0 ? [] : [`${name}: ${count} of ${plural(runs.length, "training")}`];
  });
  return [
    `Accuracy after the last epoch on ${grouped(testImages)} test images: mean ± standard deviation over ${plural(seeds, "seed")}. Differences in percentage points ± standard error, against the first configuration; fewer than two standard errors are inside the noise.`,
    ...(compared.length === 0
      ? ["With one seed nothing can be said of noise."]
      : [
          `${outside.length} of ${plural(compared.length, "difference")} are outside the noise. With ${plural(seeds, "seed")} about ${expectedByChance(seeds, compared.length)} would be by chance alone if all configurations were equal.`,
        ]),
    ...(diverged.length > 0 ? [`Diverged, and not in the mean: ${diverged.join("; ")}.`] : []),
    `MACs, bytes read and written by the nodes, and latency are those of one image; 1 MAC = 2 FLOPs. Latency: medians of ${rounds} inferences, all configurations in alternation${threads === undefined ? "" : `, ${plural(threads, "thread")}`}.`,
  ];
}

/**
 * How many of some comparisons of equal configurations are expected beyond two standard errors: Student's t with 2(n - 1) degrees of
 * freedom, whose tail has a closed form for even degrees (Abramowitz and Stegun 26.7.4).
 */
function expectedByChance(seeds: number, comparisons: number): string {
  const degrees = 2 * (seeds - 1);
  const angle = Math.atan(2 / Math.sqrt(degrees));
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= degrees / 2 - 1; k++) {
    term *= ((2 * k - 1) / (2 * k)) * Math.cos(angle) ** 2;
    sum += term;
  }
  return (comparisons * (1 - Math.sin(angle) * sum)).toFixed(1);
}

function verdict(against: VariantOutcome["against"]): string {
  if (!against) return "–";
  if (against.insideNoise === undefined) return "unknown";
  return against.insideNoise ? "yes" : "no";
}

/** A share in per cent, without the sign. */
function hundredths(share: number): string {
  return Number.isFinite(share) ? (100 * share).toFixed(2) : "–";
}
