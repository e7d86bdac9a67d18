import { SenetError } from "../base/errors.ts";
import { listOf } from "../base/format.ts";
import type { MisshapedTensor } from "./match-weights.ts";
import { describeMisshaped, describeReport, type WeightsReport } from "./weights-report.ts";

/** Tensors that a sentence names before it only counts. */
const NAMED = 3;

/** Why weights do not fit, in full: its message names every tensor. */
export class WeightsMismatch extends Error {
  override readonly name = "WeightsMismatch";
  readonly report: WeightsReport;

  constructor(report: WeightsReport) {
    super(describeReport(report));
    this.report = report;
  }
}

/**
 * Refuses weights of which some are missing or misshaped.
 *
 * @param head names of the classifier's parameters
 */
export function refuseMismatch(network: string, report: WeightsReport, head: readonly string[]): void {
  const { source, missing, misshaped, loaded } = report;
  if (missing.length === 0 && misshaped.length === 0) return;
  const classes = missing.length === 0 ? otherClasses(misshaped, head) : undefined;
  const message = classes
    ? `${source}: expected a classifier of ${classes.expected} classes for ${network}, found one of ${classes.found}; build the network with ${classes.found} classes (\`classes\`), or keep a fresh classifier (\`resetHead\`).`
    : `${source}: expected ${loaded.length + missing.length + misshaped.length} tensors for ${network}, found ${loaded.length} that fit, ${missing.length} missing${inBrackets(missing)}${describeOthers(misshaped)}; take the weights of this network, classes and input size (\`cause\` lists every tensor).`;
  throw new SenetError("checkpoint", message, { cause: new WeightsMismatch(report) });
}

/** The two counts of classes, where the classifier is all that does not fit and nothing but them. */
function otherClasses(
  misshaped: readonly MisshapedTensor[],
  head: readonly string[],
): { expected: number; found: number } | undefined {
  const [{ expected, found }] = misshaped;
  const isHead = misshaped.every(
    (one) =>
      head.includes(one.name) &&
      one.type === undefined &&
      one.expected[0] === expected[0] &&
      one.found[0] === found[0],
  );
  return isHead && expected[0] !== found[0] ? { expected: expected[0], found: found[0] } : undefined;
}

function describeOthers(misshaped: readonly MisshapedTensor[]): string {
  return misshaped.length === 0
    ? ""
    : ` and ${misshaped.length} of another shape${inBrackets(misshaped.map(describeMisshaped))}`;
}

function inBrackets(items: readonly string[]): string {
  return items.length === 0 ? "" : ` (${listOf(items, NAMED, "; ")})`;
}
