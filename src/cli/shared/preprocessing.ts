import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";
import type { Graph } from "../../ir/graph.ts";
import type { Preprocessing } from "../../models/parts/model-entry.ts";
import { readModelFacts } from "../../onnx/model-facts.ts";
import { type Classifier, describeClassifier, type InputOptions } from "../../predict/classifier.ts";
import { valuesOf } from "../../runtime/session.ts";
import type { PreprocessingFlags } from "./option-groups.ts";

/**
 * What the flags say of preprocessing, to be put before what a file says.
 *
 * @throws SenetError `unknown-name` for a network that is not known
 */
export async function preprocessingOf(flags: PreprocessingFlags): Promise<Partial<Preprocessing>> {
  const { like, mean, std } = flags;
  const pixelRange = mean || std ? (1 as const) : undefined;
  return { ...(await likeModel(like)), ...defined({ pixelRange, mean, std }) };
}

/** How a network from a file takes images, as the file and the flags say. */
export async function classifierOf(
  file: string,
  graph: Graph,
  bytes: Uint8Array,
  flags: PreprocessingFlags & Pick<InputOptions, "size">,
): Promise<Classifier> {
  const preprocessing = await preprocessingOf(flags);
  const facts = readModelFacts(bytes, file);
  return describeClassifier(file, valuesOf(graph), facts, { preprocessing, size: flags.size });
}

async function likeModel(name: string | undefined): Promise<Partial<Preprocessing>> {
  if (name === undefined) return {};
  const { findModel, whyUnknown } = await import("../../models/find-model.ts");
  const entry = findModel(name);
  if (!entry) throw new SenetError("unknown-name", `--like: ${whyUnknown(name)}`);
  return entry.preprocessing;
}
