import { imagesInput } from "../analysis/images-input.ts";
import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { readDescription } from "../models/describe-model.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { normal, randomStream } from "../random.ts";
import { createSession } from "../runtime/node.ts";

/** Images that are tried, and their side where neither the network nor its description says one. */
const BATCH = 2;
const SIDE = 224;

/**
 * Runs two networks with the same inputs and outputs on random numbers in ONNX Runtime.
 *
 * @returns the largest difference of any output, as a share of that output's largest element
 * @throws SenetError `engine` when a network does not run
 */
export async function compareOutputs(before: Graph, after: Graph, threads?: number): Promise<number> {
  const feeds = randomFeeds(before);
  const expected = await run(before, feeds, threads);
  const found = await run(after, feeds, threads);
  return Math.max(...before.outputs.map(({ name }) => difference(found[name], expected[name])));
}

function randomFeeds(graph: Graph): Record<string, Tensor> {
  const random = randomStream(0);
  const images = imagesInput(graph);
  const [, ...sides] = readDescription(graph)?.input ?? [3, SIDE, SIDE];
  const usual = [BATCH, 3, ...sides];
  const feeds = graph.inputs.map((input) => {
    if (input.dtype !== "float32") {
      throw new SenetError(
        "graph",
        `${graph.name}: expected float32 inputs to try the network on, found ${input.name} of ${input.dtype}; take another model.`,
      );
    }
    const shape = input.shape.map((dim, axis) =>
      typeof dim === "number" ? dim : ((input === images ? usual[axis] : undefined) ?? BATCH),
    );
    const data = Float32Array.from({ length: sizeOf(shape) }, () => normal(random));
    return [input.name ?? "", tensor(shape, data)] as const;
  });
  return Object.fromEntries(feeds);
}

async function run(
  graph: Graph,
  feeds: Record<string, Tensor>,
  threads: number | undefined,
): Promise<Record<string, Tensor>> {
  const session = await createSession(encodeOnnx(graph, operatorTable), { threads });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

function difference({ data: found }: Tensor, { data: expected }: Tensor): number {
  let apart = found.length === expected.length ? 0 : Number.NaN;
  let largest = Number.MIN_VALUE;
  for (let i = 0; i < expected.length; i++) {
    apart = Math.max(apart, Math.abs(Number(found[i]) - Number(expected[i])));
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return apart / largest;
}
