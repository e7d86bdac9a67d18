import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import type { Dim } from "../ir/shape.ts";
import type { SEOptions } from "../nn/se.ts";
import { newGraph } from "../ops/new-graph.ts";
import { findModel, whyUnknown } from "./registry.ts";

export interface ModelOptions {
  /** Default: what the registry says (10 for CIFAR networks). */
  readonly classes?: number;
  /** Channels, height, width of the images. Default: what the registry says. */
  readonly input?: readonly [number, number, number];
  /** A number, or a symbol when any batch should fit. Default `"N"`. */
  readonly batch?: Dim;
  /** Names the random initial parameters. Default 0. */
  readonly seed?: number;
  /** Changes to the network's SE blocks; not allowed for a network without them. */
  readonly se?: SEOptions;
}

/**
 * A network that `findModel` knows as a graph: input `images` [batch, C, H, W] (float32), output `logits` [batch, classes].
 *
 * @throws SenetError `unknown-name` for a name that it does not know, `usage` for options that do not fit it
 * @example const graph = createModel("seresnet20", { classes: 100 });
 */
export function createModel(name: string, options: ModelOptions = {}): Graph {
  const entry = findModel(name);
  if (!entry) throw new SenetError("unknown-name", whyUnknown(name));
  const { classes = entry.classes, input = entry.input, batch = "N", seed = 0, se } = options;
  if (!Number.isInteger(classes) || classes < 1) {
    throw new SenetError(
      "usage",
      `Model ${name}: expected a whole number of classes of at least 1, found ${classes}.`,
    );
  }
  if (se && !entry.se) {
    throw new SenetError("usage", `Model ${name} has no SE blocks to change; choose its SE twin, se${name}.`);
  }
  const b = newGraph(name, { seed });
  const images = b.input("images", "float32", [batch, ...input]);
  b.output("logits", entry.build(b, images, { classes, ...(entry.se && { se: { ...entry.se, ...se } }) }));
  return b.build();
}
