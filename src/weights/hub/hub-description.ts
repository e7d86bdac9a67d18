import { SenetError } from "../../base/errors.ts";
import type { Graph } from "../../ir/graph.ts";
import { describeModel, readDescription } from "../../models/describe-model.ts";
import type { TimmConfig } from "./hub-config.ts";

/**
 * A network whose description says how images are prepared for its weights, and the names of its classes: what a repository's
 * configuration does not say stays. The size of the images stays too, as it is part of the network. Names are taken where there are as
 * many as the network has classes; a fresh classifier (`resetHead`) has none.
 *
 * @returns the graph as it is where it has no description, as for images that are not in color
 */
export function describeFromHub(
  graph: Graph,
  config: TimmConfig,
  { what, resetHead = false }: { readonly what: string; readonly resetHead?: boolean },
): Graph {
  const known = readDescription(graph);
  if (!known) return graph;
  const { mean = known.mean, std = known.std, interpolation = known.interpolation } = config;
  if (mean.length !== known.mean.length || std.length !== known.mean.length) {
    throw new SenetError(
      "file",
      `${what}: expected mean and std of ${known.mean.length} channels, as ${graph.name} has, found ${mean.length} and ${std.length}; choose other weights.`,
    );
  }
  const labels = resetHead ? undefined : config.labels;
  const isNamed = labels !== undefined && labels.length === graph.outputs[0].value.shape[1];
  return describeModel(graph, {
    ...known,
    mean,
    std,
    interpolation,
    cropFraction: config.cropFraction ?? known.cropFraction,
    // timm's figures are those of RGB pixels from 0 to 1.
    ...(config.mean && config.std && { pixelRange: 1, colorOrder: "RGB" }),
    ...(isNamed && { classes: labels }),
  });
}
