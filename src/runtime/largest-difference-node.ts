import { randomFeeds } from "../analysis/random-feeds.ts";
import { SenetError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { bindDims } from "../passes/graph/bind-dims.ts";
import { createSession } from "./node.ts";

/** How far two graphs are apart. */
export interface Difference {
  /** Greatest difference of two elements of the same output. */
  readonly absolute: number;
  /** The same over the greatest element of that output; Infinity where the second graph gives what is not a number. */
  readonly relative: number;
  /** Random inputs that were fed. */
  readonly trials: number;
}

/** Images at once where a graph takes any number: more than one, as some rewrites are right for one only. */
const BATCH = 2;
const TRIALS = 2;

/**
 * Feeds the same random numbers to two graphs with the same inputs and outputs, and compares what they give.
 *
 * @throws SenetError `shape` when a dimension other than the batch is open, `engine` when one of them does not run, `graph` when the
 * first gives what is not a finite number, to which nothing can be compared
 * @example (await largestDifference(net, optimize(net).graph)).relative // 4e-7
 */
export async function largestDifference(
  before: Graph,
  after: Graph,
  { threads }: { readonly threads?: number | undefined } = {},
): Promise<Difference> {
  const symbols = before.inputs.map(({ shape }) => shape[0]).filter((dim) => typeof dim === "string");
  const fixed = bindDims(before, Object.fromEntries(symbols.map((symbol) => [symbol, BATCH])));
  const results: Record<string, Tensor>[][] = [];
  for (const graph of [before, after]) {
    const session = await createSession(writeOnnx(graph), { threads });
    try {
      const given: Record<string, Tensor>[] = [];
      for (let trial = 0; trial < TRIALS; trial++) given.push(await session.run(randomFeeds(fixed, trial)));
      results.push(given);
    } finally {
      await session.dispose();
    }
  }
  let [absolute, relative] = [0, 0];
  for (let trial = 0; trial < TRIALS; trial++) {
    for (const { name } of before.outputs) {
      refuseNonFinite(before.name, name, results[0][trial][name]);
      const apart = distance(results[0][trial][name], results[1][trial][name]);
      absolute = Math.max(absolute, apart.absolute);
      relative = Math.max(relative, apart.relative);
    }
  }
  return { absolute, relative, trials: TRIALS };
}

function refuseNonFinite(graph: string, output: string, { data }: Tensor): void {
  for (const element of data) {
    if (Number.isFinite(Number(element))) continue;
    throw new SenetError(
      "graph",
      `${graph}: expected finite numbers in ${output} for random inputs, found ${element}; check the network's weights.`,
    );
  }
}

function distance(expected: Tensor, found: Tensor): { absolute: number; relative: number } {
  let [absolute, greatest] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    const [left, right] = [Number(expected.data[i]), Number(found.data[i])];
    const apart = Math.abs(left - right);
    if (Number.isNaN(apart))
      return { absolute: Number.POSITIVE_INFINITY, relative: Number.POSITIVE_INFINITY };
    absolute = Math.max(absolute, apart);
    greatest = Math.max(greatest, Math.abs(left));
  }
  return { absolute, relative: absolute === 0 ? 0 : absolute / greatest };
}
