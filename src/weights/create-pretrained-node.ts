import { checkOptions } from "../base/check-options.ts";
import { defined } from "../base/defined.ts";
import { usageError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import { createModel, type ModelOptions, modelOptionNames } from "../models/create-model.ts";
import { describeFromHub } from "./hub/hub-description.ts";
import { type HubWeights, type ResolveOptions, resolveWeights } from "./hub/hub-node.ts";
import { resolveOptionNames } from "./hub/resolve-options.ts";
import { loadWeightsFrom } from "./load-weights-from-node.ts";

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
  checkOptions("createPretrained", options, [...modelOptionNames, ...resolveOptionNames, "resetHead"]);
  if (typeof weights !== "string") {
    throw usageError(
      `createPretrained: expected the weights of ${name}, a file or hf:OWNER/REPO, found ${String(weights)}; give them, or use createModel for random ones.`,
    );
  }
  const fresh = createModel(name, modelOptionsOf(options)); // before any download, which a wrong name or option should not cost
  if (weights.startsWith("hf:"))
    return pretrainedFromHub(name, await resolveWeights(weights, options), options);
  return (await loadWeightsFrom(fresh, weights, defined({ resetHead: options.resetHead }))).graph;
}

/** `createPretrained` with weights that are downloaded. */
export async function pretrainedFromHub(
  name: string,
  { path, repo, config }: HubWeights,
  options: PretrainedOptions,
): Promise<Graph> {
  const { resetHead = false } = options;
  const fresh = createModel(name, {
    ...(config?.input && { input: config.input }),
    ...(config?.classes && !resetHead && { classes: config.classes }),
    ...modelOptionsOf(options),
  });
  const { graph } = await loadWeightsFrom(fresh, path, { resetHead });
  return config ? describeFromHub(graph, config, { what: `hf:${repo}`, resetHead }) : graph;
}

function modelOptionsOf({ classes, input, batch, seed, se }: ModelOptions): ModelOptions {
  return defined({ classes, input, batch, seed, se });
}
