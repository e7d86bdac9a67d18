import { randomFeeds } from "../analysis/random-feeds.ts";
import { type TensorDifference, tensorDifference } from "../analysis/tensor-difference.ts";
import { SenetError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import { firstNonFinite, type Tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "./node.ts";

/** How far two graphs are apart: the maximum over all outputs and trials. */
export interface GraphDifference extends TensorDifference {
  /** Random inputs that were fed. */
  readonly trials: number;
}

/** Images at once where the batch is open: more than one, as some rewrites are right for one only. */
const BATCH = 2;
const TRIALS = 2;

/**
 * Runs two graphs with the same inputs and outputs on the same random numbers, and compares the outputs.
 *
 * @throws SenetError `shape` when a dimension other than the batch is open, `engine` when one of them does not run, `graph` when an
 * output of the first is not finite, as nothing can be compared with it
 * @example (await largestDifference(net, optimize(net).graph)).relative // 4e-7
 */
export async function largestDifference(
  before: Graph,
  after: Graph,
  { threads }: { readonly threads?: number | undefined } = {},
): Promise<GraphDifference> {
  const results: Record<string, Tensor>[][] = [];
  for (const graph of [before, after]) {
    await using session = await createSession(writeOnnx(graph), { threads });
    const given: Record<string, Tensor>[] = [];
    for (let seed = 0; seed < TRIALS; seed++) {
      given.push(await session.run(randomFeeds(before, { seed, batch: BATCH })));
    }
    results.push(given);
  }
  let [absolute, relative] = [0, 0];
  for (let trial = 0; trial < TRIALS; trial++) {
    for (const { name } of before.outputs) {
      refuseNonFinite(before.name, name, results[0][trial][name]);
      const apart = tensorDifference(results[0][trial][name], results[1][trial][name]);
      absolute = Math.max(absolute, apart.absolute);
      relative = Math.max(relative, apart.relative);
    }
  }
  return { absolute, relative, trials: TRIALS };
}

function refuseNonFinite(graph: string, output: string, content: Tensor): void {
  const found = firstNonFinite(content);
  if (found === undefined) return;
  throw new SenetError(
    "graph",
    `${graph}: expected finite numbers in ${output} for random inputs, found ${found}; check the network's weights.`,
  );
}
