import type { Graph } from "../ir/graph.ts";
import { type ResolveOptions, resolveWeights } from "./hub/hub-node.ts";
import { type LoadedWeights, type LoadWeightsOptions, loadWeights } from "./load-weights.ts";
import { openWeights } from "./open-weights-node.ts";

/**
 * The graph with the weights of a file, or of a repository on a Hugging Face hub.
 *
 * @param weights a path as for `openWeights`, or a reference that begins with `hf:` as for `resolveWeights`
 */
export async function loadWeightsFrom(
  graph: Graph,
  weights: string,
  options: LoadWeightsOptions & ResolveOptions = {},
): Promise<LoadedWeights> {
  const path = weights.startsWith("hf:") ? (await resolveWeights(weights, options)).path : weights;
  await using file = await openWeights(path);
  return await loadWeights(graph, file, options);
}
