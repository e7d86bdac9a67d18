import { defined } from "../../base/defined.ts";
import { usageError } from "../../base/errors.ts";
import { listOf, megabytes, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import type { HubProgress } from "../../weights/hub/hub-node.ts";
import type { WeightsReport } from "../../weights/weights-report.ts";
import type { WeightsFlags } from "./option-groups.ts";
import type { Progress } from "./progress.ts";

interface Silenced {
  /** Nothing is reported on stderr then. */
  readonly json?: true;
}

/**
 * Refuses a fresh classifier where a network is asked what it has learned.
 *
 * @throws SenetError `usage`
 */
export function refuseFreshHead({ resetHead }: WeightsFlags): void {
  if (!resetHead) return;
  throw usageError(
    "--reset-head: expected a trained classifier, found a fresh one, which only guesses; leave it out, or train the network first.",
  );
}

/**
 * Refuses options that would do nothing without `--weights`.
 *
 * @throws SenetError `usage`
 */
export function refuseWithoutWeights({ weights, resetHead, labelOrder }: WeightsFlags): void {
  if (weights !== undefined) return;
  const given = resetHead ? "--reset-head" : labelOrder === undefined ? undefined : "--label-order";
  if (given === undefined) return;
  throw usageError(`${given}: expected --weights with a file, found none; give one or leave it out.`);
}

/**
 * The graph with the weights that the flags name, reported in a line or two on stderr; as it is without any.
 *
 * @throws SenetError `usage` for options without `--weights`; as `openWeights` and `loadWeights`
 */
export async function applyWeights(
  graph: Graph,
  flags: WeightsFlags & Silenced,
): Promise<{ graph: Graph; report?: WeightsReport }> {
  refuseWithoutWeights(flags);
  const { weights, resetHead, labelOrder, offline } = flags;
  if (weights === undefined) return { graph };
  const { loadWeightsFrom } = await import("../../weights/load-weights-from-node.ts");
  const { readLabelOrder } = await import("../../weights/label-order-node.ts");
  const { createProgress } = await import("./progress.ts");
  const labels = labelOrder === undefined ? undefined : await readLabelOrder(labelOrder);
  const progress = createProgress();
  const onProgress = showDownload(progress);
  const options = defined({ offline, resetHead, labels, onProgress });
  const loaded = await loadWeightsFrom(graph, weights, options).finally(() => progress.end());
  reportWeights(loaded.report, flags);
  return loaded;
}

/** Shows how far a download of weights is. */
export function showDownload(progress: Progress): (download: HubProgress) => void {
  return ({ what, done, total }) =>
    progress.update(() => `downloading ${what}: ${megabytes(done)} of ${megabytes(total)}`);
}

/** Reports on stderr which weights were loaded, except with `--json`. */
export function reportWeights(report: WeightsReport, { json }: Silenced): void {
  if (!json) process.stderr.write(`${describeWeights(report)}\n`);
}

/** @example "resnet50.pth: 267 tensors loaded" */
function describeWeights({ source, loaded, resetHead, unexpected, namesOf, notes }: WeightsReport): string {
  const parts = [
    `${plural(loaded.length, "tensor")} loaded`,
    ...(namesOf === undefined ? [] : [`named as in ${namesOf}`]),
    ...(resetHead.length === 0 ? [] : [`fresh: ${resetHead.join(", ")}`]),
    ...(unexpected.length === 0 ? [] : [`not used: ${listOf(unexpected)}`]),
  ];
  return [`${source}: ${parts.join("; ")}`, ...notes].join("\n");
}
