import { SenetError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import type { Preprocessing } from "./parts/model-entry.ts";

/** What a model file says about its use: how to prepare images and what its outputs mean. */
export interface ModelDescription extends Preprocessing {
  readonly model: string;
  /** Channels, height, width. */
  readonly input: readonly [number, number, number];
  /** Class names of the outputs, if the network was trained on some. */
  readonly classes?: readonly string[] | undefined;
}

const KEY = "senet";

/**
 * The graph with a description in its metadata, under `senet`, as JSON.
 *
 * @example describeModel(net, { ...readDescription(net), classes: ["cat", "dog"] })
 */
export function describeModel(graph: Graph, description: ModelDescription): Graph {
  return { ...graph, metadata: { ...graph.metadata, [KEY]: JSON.stringify(description) } };
}

/** Whether something read from an untrusted file is a description. (Checked by hand: loading zod takes as long as a prediction.) */
function isDescription(candidate: unknown): candidate is ModelDescription {
  if (typeof candidate !== "object" || candidate === null) return false;
  const { model, input, classes, mean, std, pixelRange, colorOrder, interpolation, cropFraction } =
    candidate as Record<string, unknown>;
  return (
    typeof model === "string" &&
    isList(input, (side) => Number.isInteger(side) && Number(side) >= 1) &&
    input.length === 3 &&
    (classes === undefined || (isList(classes, (name) => typeof name === "string") && classes.length > 0)) &&
    isList(mean, Number.isFinite) &&
    isList(std, (deviation) => Number.isFinite(deviation) && Number(deviation) > 0) &&
    (pixelRange === 1 || pixelRange === 255) &&
    (colorOrder === "RGB" || colorOrder === "BGR") &&
    (interpolation === "bilinear" || interpolation === "bicubic") &&
    typeof cropFraction === "number" &&
    cropFraction >= 0.1 &&
    cropFraction <= 1
  );
}

function isList(candidate: unknown, fits: (element: unknown) => boolean): candidate is unknown[] {
  return Array.isArray(candidate) && candidate.every(fits);
}

/**
 * The description in a graph's metadata, if it has one.
 *
 * @param where names the graph's file in errors
 * @throws SenetError `file` when there is something else
 * @example readDescription(createModel("seresnet50"))?.mean // [0.485, 0.456, 0.406]
 */
export function readDescription(
  { metadata }: Pick<Graph, "metadata">,
  where = "Model",
): ModelDescription | undefined {
  const text = metadata[KEY];
  if (text === undefined) return undefined;
  const description = parseJson(text);
  if (isDescription(description)) return description;
  throw new SenetError(
    "file",
    `${where}: expected a description of classes and preprocessing in its metadata "${KEY}", found something else; export the model again.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
