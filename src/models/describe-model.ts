import type { Graph } from "../ir/graph.ts";

/** What a model file tells those who use it: how to prepare images and what its outputs mean. */
export interface ModelDescription {
  readonly model: string;
  readonly classes: readonly string[];
  /** Channels, height, width. */
  readonly input: readonly [number, number, number];
  /** Per channel, of pixels scaled to [0, 1]. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const KEY = "senet";

/** The graph with a description in its metadata, under `senet`, as JSON. */
export function describeModel(graph: Graph, description: ModelDescription): Graph {
  return { ...graph, metadata: { ...graph.metadata, [KEY]: JSON.stringify(description) } };
}

/** The description in a graph's metadata, if it has one. */
export function readDescription(graph: Graph): ModelDescription | undefined {
  const text = graph.metadata[KEY];
  return text === undefined ? undefined : (JSON.parse(text) as ModelDescription);
}
