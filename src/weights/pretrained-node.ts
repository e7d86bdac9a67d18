import type { Graph } from "../ir/graph.ts";
import { createModel as createFresh, type ModelOptions } from "../models/create-model.ts";
import { describeFromHub } from "./hub/hub-description.ts";
import { type ResolveOptions, resolveWeights } from "./hub/hub-node.ts";
import { loadWeights } from "./load-weights.ts";
import { openWeights } from "./open-weights-node.ts";

export interface PretrainedOptions extends ModelOptions, ResolveOptions {
  /** A repository on the hub, and perhaps a revision and a file there: see `resolveWeights`. */
  readonly pretrained: string;
  /** Keep a fresh classifier, for other classes than the file's. Default false. */
  readonly resetHead?: boolean;
}

/**
 * `createModel` with weights from a Hugging Face hub: downloaded once, checked, loaded, and the repository's mean, deviation,
 * interpolation, crop and names of classes in the network's description. Classes and input are those that the options name, or else the
 * repository, or else the registry. Without `pretrained` it is the `createModel` of `senet`.
 *
 * @throws SenetError as `createModel`, `resolveWeights`, `openWeights` and `loadWeights`: `checkpoint` for another number of classes than
 * the file's, unless `resetHead` is given
 * @example const net = await createModel("seresnet50", { pretrained: "timm/seresnet50.a1_in1k" });
 */
export function createModel(name: string, options: PretrainedOptions): Promise<Graph>;
export function createModel(name: string, options?: ModelOptions & { readonly pretrained?: never }): Graph;
export function createModel(
  name: string,
  options: ModelOptions | PretrainedOptions = {},
): Graph | Promise<Graph> {
  return "pretrained" in options && options.pretrained !== undefined
    ? createPretrained(name, options)
    : createFresh(name, options);
}

async function createPretrained(
  name: string,
  { pretrained, resetHead = false, ...options }: PretrainedOptions,
): Promise<Graph> {
  createFresh(name, options); // a wrong name or option should not cost a download
  const { path, repo, config } = await resolveWeights(pretrained, options);
  const fresh = createFresh(name, {
    ...(config?.input && { input: config.input }),
    ...(config?.classes && !resetHead && { classes: config.classes }),
    ...options,
  });
  await using file = await openWeights(path);
  const { graph } = await loadWeights(fresh, file, { resetHead });
  return config ? describeFromHub(graph, config, { what: `hf:${repo}`, resetHead }) : graph;
}
