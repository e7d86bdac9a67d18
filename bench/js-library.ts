import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { SenetError } from "../src/base/errors.ts";
import type { Graph } from "../src/ir/graph.ts";
import type { Tensor } from "../src/ir/tensor.ts";

/** One batch to learn from; `labels` are classes. */
export interface Batch {
  readonly images: Tensor;
  readonly labels: readonly number[];
}

/** How to learn: stochastic gradient descent with Nesterov's momentum; vectors do not decay. */
export interface Recipe {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** A JavaScript library that can execute our networks. */
export interface JsLibrary {
  readonly name: string;
  /** A network without BatchNormalization, on images; each call computes the logits. */
  inference(graph: Graph, images: Tensor): () => Promise<Float32Array>;
  /** A network on one batch; each call is a step of training and gives the loss before it. */
  training(graph: Graph, batch: Batch, recipe: Recipe): () => Promise<number>;
}

/**
 * Loads packages that are no dependencies of ours from where the user installed them.
 *
 * @param names the first is the one whose contents are returned
 * @throws SenetError `usage` when the folder does not hold them
 */
export function requireFrom(folder: string, names: readonly string[], option: string): unknown {
  const missing = names.filter((name) => !existsSync(join(folder, "node_modules", name, "package.json")));
  if (missing.length > 0) {
    throw new SenetError(
      "usage",
      `${option}: expected a folder with ${names.join(" and ")}, found no ${missing.join(" and no ")} in ${folder}; install with \`npm install --prefix ${folder} ${names.join(" ")}\`.`,
    );
  }
  const require = createRequire(join(resolve(folder), "bench.cjs"));
  return names.map((name): unknown => require(name))[0];
}
