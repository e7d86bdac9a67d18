import type { Graph } from "../ir/graph.ts";
import { createModel, type ModelOptions } from "../models/create-model.ts";
import { describeFromHub } from "./hub/hub-description.ts";
import { type HubWeights, type ResolveOptions, resolveWeights } from "./hub/hub-node.ts";
import { loadWeights } from "./load-weights.ts";
import { openWeights } from "./open-weights-node.ts";

/** Options of `createPretrained`. */
export interface PretrainedOptions extends ModelOptions, ResolveOptions {
  /** Keep a fresh classifier, for other classes than the file's. Default false. */
  readonly resetHead?: boolean;
}

/**
 * A network with trained weights. From a Hugging Face hub they are downloaded once and checked, and the network's description says what
 * the repository's configuration says: mean, deviation, interpolation, crop and names of classes. Classes and input are those of the
 * options, else of the repository, else of the registry.
 *
 * @param name as in `createModel`
 * @param weights a file (safetensors, `.pth`, `.npz`, `.onnx`), or `hf:OWNER/REPO`, as in `resolveWeights`
 * @throws SenetError as `createModel`, `resolveWeights`, `openWeights` and `loadWeights`: `checkpoint` for another number of classes than
 * the file's, unless `resetHead` is given
 * @example const net = await createPretrained("seresnet50", "hf:timm/seresnet50.a1_in1k");
 */
export async function createPretrained(
  name: string,
  weights: string,
  options: PretrainedOptions = {},
): Promise<Graph> {
  createModel(name, options); // a wrong name or option should not cost a download
  return weights.startsWith("hf:")
    ? pretrainedFromHub(name, await resolveWeights(weights, options), options)
    : withWeightsOf(weights, createModel(name, options), options);
}

/** `createPretrained` with weights that are downloaded. */
export async function pretrainedFromHub(
  name: string,
  { path, repo, config }: HubWeights,
  { resetHead = false, ...options }: PretrainedOptions,
): Promise<Graph> {
  const fresh = createModel(name, {
    ...(config?.input && { input: config.input }),
    ...(config?.classes && !resetHead && { classes: config.classes }),
    ...options,
  });
  const graph = await withWeightsOf(path, fresh, { resetHead });
  return config ? describeFromHub(graph, config, { what: `hf:${repo}`, resetHead }) : graph;
}

async function withWeightsOf(
  path: string,
  graph: Graph,
  { resetHead = false }: PretrainedOptions,
): Promise<Graph> {
  await using file = await openWeights(path);
  return (await loadWeights(graph, file, { resetHead })).graph;
}
