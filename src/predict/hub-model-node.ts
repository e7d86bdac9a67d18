import { SenetError } from "../base/errors.ts";
import { findModel } from "../models/find-model.ts";
import type { Preprocessing } from "../models/parts/model-entry.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { pretrainedFromHub } from "../weights/create-pretrained-node.ts";
import type { TimmConfig } from "../weights/hub/hub-config.ts";
import { type ResolveOptions, resolveWeights } from "../weights/hub/hub-node.ts";
import type { InputOptions } from "./classifier.ts";
import { type ModelFile, modelFileOf, readModelFile } from "./model-file-node.ts";

/** A model from a hub, and what its repository says of it beyond the model's own file. */
export interface HubModel extends InputOptions {
  readonly file: ModelFile;
  readonly labels?: readonly string[] | undefined;
}

/**
 * The classifier in a repository: an `.onnx` file, or weights of the network that timm's configuration names.
 *
 * @param reference `hf:OWNER/REPO`, as in `resolveWeights`
 * @throws SenetError as `resolveWeights`; `unknown-name` when the repository has weights of a network that is not known
 */
export async function readHubModel(reference: string, options: ResolveOptions): Promise<HubModel> {
  const found = await resolveWeights(reference, options);
  const { config } = found;
  if (found.file.endsWith(".onnx")) {
    const file = await readModelFile(found.path);
    return { file, labels: config?.labels, preprocessing: config && preprocessingOf(config) };
  }
  const name = config?.architecture;
  if (name === undefined || !findModel(name)) {
    throw new SenetError(
      "unknown-name",
      `${reference}: expected a config.json that names a network of senet, found ${name === undefined ? "none" : JSON.stringify(name)}; give the network's name as the model and ${reference} as its weights.`,
    );
  }
  return { file: modelFileOf(writeOnnx(await pretrainedFromHub(name, found, options)), reference) };
}

/** Of RGB pixels from 0 to 1, as timm's figures are. */
function preprocessingOf({ mean, std, interpolation, cropFraction }: TimmConfig): Partial<Preprocessing> {
  const given = Object.entries({ mean, std, interpolation, cropFraction }).filter(([, value]) => value);
  return { pixelRange: 1, colorOrder: "RGB", ...Object.fromEntries(given) };
}
