import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";
import { listOf, megabytes, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import type { WeightsReport } from "../../weights/weights-report.ts";
import type { WeightsFlags } from "./option-groups.ts";
import { option } from "./options.ts";

export function offlineOption() {
  return option("--offline", "with hf:…: use only what has been downloaded before");
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
  throw new SenetError(
    "usage",
    `${given}: expected --weights with a file, found none; give one or leave it out.`,
  );
}

/**
 * The graph with the weights that the flags name, reported in a line or two on stderr; as it is without any.
 *
 * @throws SenetError `usage` for options without `--weights`; as `openWeights` and `loadWeights`
 */
export async function applyWeights(
  graph: Graph,
  flags: WeightsFlags & { readonly json?: true },
): Promise<{ graph: Graph; report?: WeightsReport }> {
  refuseWithoutWeights(flags);
  const { weights, resetHead, labelOrder, offline, json } = flags;
  if (weights === undefined) return { graph };
  const [{ openWeights }, { readLabelOrder }, { loadWeights }] = await readers();
  const order = labelOrder === undefined ? undefined : await readLabelOrder(labelOrder);
  await using file = await openWeights(await localPath(weights, offline));
  const loaded = await loadWeights(graph, file, defined({ resetHead, labels: order }));
  if (!json) process.stderr.write(`${describeLoaded(loaded.report)}\n`);
  return loaded;
}

/** Not beside `await using`: TypeScript leaves the `.ts` of dynamic imports in a block that it lowers. */
const readers = () =>
  Promise.all([
    import("../../weights/open-weights-node.ts"),
    import("../../weights/label-order-node.ts"),
    import("../../weights/load-weights.ts"),
  ]);

/** Where weights lie on this machine. */
async function localPath(reference: string, offline: true | undefined): Promise<string> {
  if (!reference.startsWith("hf:")) return reference;
  const { resolveWeights } = await import("../../weights/hub/hub-node.ts");
  const { createProgress } = await import("./progress.ts");
  const progress = createProgress();
  try {
    const onProgress = ({ what, done, total }: { what: string; done: number; total: number }) =>
      progress.update(() => `downloading ${what}: ${megabytes(done)} of ${megabytes(total)}`);
    return (await resolveWeights(reference, defined({ offline, onProgress }))).path;
  } finally {
    progress.end();
  }
}

/** @example "resnet50.pth: 267 tensors loaded" */
function describeLoaded({ source, loaded, resetHead, unexpected, namesOf, notes }: WeightsReport): string {
  const parts = [
    `${plural(loaded.length, "tensor")} loaded`,
    ...(namesOf === undefined ? [] : [`named as in ${namesOf}`]),
    ...(resetHead.length === 0 ? [] : [`fresh: ${resetHead.join(", ")}`]),
    ...(unexpected.length === 0 ? [] : [`not used: ${listOf(unexpected)}`]),
  ];
  return [`${source}: ${parts.join("; ")}`, ...notes].join("\n");
}
