import type { Graph } from "../ir/graph.ts";
import type { Preprocessing } from "./model-entry.ts";

/** What a model file tells those who use it: how to prepare images and what its outputs mean. */
export interface ModelDescription extends Preprocessing {
  readonly model: string;
  /** Channels, height, width. */
  readonly input: readonly [number, number, number];
  /** Names of the outputs, once the network has learned some. */
  readonly classes?: readonly string[];
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
