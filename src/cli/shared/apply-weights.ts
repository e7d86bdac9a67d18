import type { Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import { megabytes, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import type { HubProgress } from "../../weights/hub/hub-node.ts";
import type { WeightsReport } from "../../weights/weights-report.ts";
import { option } from "./options.ts";
import type { Progress } from "./progress.ts";

/** What the options of `weightsOptions` say. */
export interface WeightsFlags {
  /** A file, or a reference that begins with `hf:`. */
  readonly weights?: string;
  readonly resetHead?: true;
  /** A file of the classes' order. */
  readonly labelOrder?: string;
  /** Take `hf:` references from the cache only. */
  readonly offline?: true;
  /** Then nothing is told on stderr. */
  readonly json?: true;
}

/** Tensors named in a line before they are only counted. */
const NAMED = 3;

/**
 * `--weights` and what goes with it, for commands that take a network.
 *
 * @param forAnswers for a command that `refuseFreshHead` guards, whose help does not offer `--reset-head`
 */
export function weightsOptions({ forAnswers = false } = {}): Option[] {
  return [
    option(
      "--weights <file|hf:…>",
      "weights to load: safetensors, .pth, .npz, another .onnx, or hf:OWNER/REPO",
    ),
    offlineOption(),
    option(
      "--reset-head",
      "with --weights: keep a fresh classifier, as for other classes than the file's",
    ).hideHelp(forAnswers),
    option(
      "--label-order <file>",
      "with --weights: the file's class for each class of the network, one number a line",
    ),
  ];
}

export function offlineOption(): Option {
  return option("--offline", "with hf:…: take what was downloaded before, and ask nobody");
}

/**
 * Refuses a fresh classifier where a network is asked what it has learned.
 *
 * @throws SenetError `usage`
 */
export function refuseFreshHead({ resetHead }: WeightsFlags): void {
  if (!resetHead) return;
  throw new SenetError(
    "usage",
    "--reset-head: expected a trained classifier, found the wish for a fresh one, which only guesses; leave it out, or train it with `senet train` first.",
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
  throw new SenetError(
    "usage",
    `${given}: expected --weights with a file, found none; give one or leave it out.`,
  );
}

/**
 * The graph with the weights that the flags name, told in a line or two on stderr; as it is without any.
 *
 * @throws SenetError `usage` for options without `--weights`; as `openWeights` and `loadWeights`
 */
export async function applyWeights(
  graph: Graph,
  flags: WeightsFlags,
): Promise<{ graph: Graph; report?: WeightsReport }> {
  refuseWithoutWeights(flags);
  const { weights, resetHead, labelOrder, offline } = flags;
  if (weights === undefined) return { graph };
  const { loadWeightsFrom } = await import("../../weights/load-weights-from-node.ts");
  const { readLabelOrder } = await import("../../weights/label-order-node.ts");
  const { createProgress } = await import("./progress.ts");
  const order = labelOrder === undefined ? undefined : await readLabelOrder(labelOrder);
  const progress = createProgress();
  try {
    const loaded = await loadWeightsFrom(graph, weights, {
      ...(offline && { offline }),
      ...(resetHead && { resetHead }),
      ...(order && { labels: order }),
      onProgress: tellDownload(progress),
    });
    progress.end();
    tellWeights(loaded.report, flags);
    return loaded;
  } finally {
    progress.end();
  }
}

/** Shows how far a download of weights is. */
export function tellDownload(progress: Progress): (download: HubProgress) => void {
  return ({ what, done, total }) =>
    progress.update(() => `downloading ${what}: ${megabytes(done)} of ${megabytes(total)}`);
}

/** Says on stderr what became of weights, but for `--json`. */
export function tellWeights(report: WeightsReport, { json }: Pick<WeightsFlags, "json">): void {
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

function listOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}
