import { SenetError } from "../base/errors.ts";
import { disposable, type Resource } from "../base/resource.ts";
import { describe, type Graph, type Value } from "../ir/graph.ts";
import { formatShape } from "../ir/shape.ts";
import { firstNonFinite, type Tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { outputName, withOutputs } from "../passes/graph/with-outputs.ts";
import { createSession } from "../runtime/node.ts";
import { countNumbers, emptyHistogram, type Histogram } from "./histogram.ts";

/** A loaded graph whose inner values can be read. */
export interface Observer extends Resource {
  /** The values for a batch of images, in their order. */
  see(batch: Tensor): Promise<Tensor[]>;
}

/**
 * Loads a graph so that some of its values can be read.
 *
 * @throws SenetError `engine` when the engine refuses the graph or a batch
 */
export async function openObserver(
  graph: Graph,
  values: readonly Value[],
  threads?: number | undefined,
): Promise<Observer> {
  const [{ name: input = "" }] = graph.inputs;
  const session = await createSession(writeOnnx(withOutputs(graph, values)), { threads });
  return {
    async see(batch) {
      const contents = await session.run({ [input]: batch });
      return values.map((_, index) => contents[outputName(index)]);
    },
    ...disposable(() => session.dispose()),
  };
}

/**
 * A histogram of each of some values of a graph, over batches of images.
 *
 * @throws SenetError `data` naming the first value in which a number is NaN or infinite
 */
export async function observeHistograms(
  graph: Graph,
  values: readonly Value[],
  batches: readonly Tensor[],
  threads: number | undefined,
  onBatch: (done: number, total: number) => void,
): Promise<ReadonlyMap<Value, Histogram>> {
  const histograms = values.map(emptyHistogram);
  await using observer = await openObserver(graph, values, threads);
  for (const [done, batch] of batches.entries()) {
    for (const [i, content] of (await observer.see(batch)).entries()) {
      const found = firstNonFinite(content);
      if (found !== undefined) {
        const tensor = `${describe(values[i])} ${formatShape(values[i].shape)}`;
        throw new SenetError(
          "data",
          `${graph.name}: expected finite numbers in the tensor ${tensor}, found ${found}; check the network's weights and how its images are prepared.`,
        );
      }
      histograms[i] = countNumbers(histograms[i], content.data as Float32Array);
    }
    onBatch(done + 1, batches.length);
  }
  return new Map(values.map((value, i) => [value, histograms[i]]));
}
