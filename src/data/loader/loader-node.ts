import { checkOptions } from "../../base/check-options.ts";
import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";
import { disposable, type Resource } from "../../base/resource.ts";
import { startWorker } from "../../base/start-worker-node.ts";
import { checkSource } from "../dataset/check-source.ts";
import type { DataSource, LoadedInfo, OpenOptions } from "../dataset/dataset.ts";
import type { ChannelStatistics } from "../dataset/normalize.ts";
import { squareFit } from "../images/fit-image.ts";
import type { Batch } from "./batch-pool.ts";
import type { BatchOptions } from "./batches.ts";
import { LoaderChannel } from "./loader-channel-node.ts";
import { buffersOf, type LoaderSources, OPENING, type Split } from "./loader-protocol.ts";

/**
 * Data sets open in a thread of their own, which prepares batches while this thread computes. `dispose` ends the thread; iterations
 * still running fail.
 */
export interface Loader extends Resource {
  /** What was opened. */
  readonly sources: LoaderSources;
  readonly train?: LoadedInfo;
  readonly test?: LoadedInfo;
  /** Mean and standard deviation per channel of the training split (of the test split when it is alone); computed once. */
  statistics(): Promise<ChannelStatistics>;
  /**
   * One epoch of batches, as `batches` of batches.ts. A batch is valid until the next is requested: then its
   * buffers go back to the worker and its arrays have length 0. Iterations may be left early, and several may run at once.
   */
  batches(split: Split, options: BatchOptions): AsyncIterableIterator<Batch>;
}

/**
 * Opens data sets in a worker thread. (onnxruntime-node computes on the thread that calls it, so preparing
 * batches on the same thread would leave the cores idle in turn.) The worker does not keep the process alive
 * by itself.
 *
 * @throws SenetError as `openDataset`; "usage" for options that do not exist; "data" when the classes or shapes of the two splits differ, or both are the
 * same file.
 * @example
 * await using loader = await openLoader({ train: { path: "fashion-mnist-mini", split: "train" } });
 * const { mean, std } = await loader.statistics();
 * for await (const batch of loader.batches("train", { batchSize: 128, seed: 0, epoch: 0, shuffle: true, mean, std })) …
 */
export async function openLoader(sources: LoaderSources, options: OpenOptions = {}): Promise<Loader> {
  checkOptions("openLoader", sources, ["train", "test"]);
  checkOptions("openLoader", options, ["onProgress"]);
  for (const source of [sources.train, sources.test]) if (source !== undefined) checkSource(source);
  const worker = startWorker(import.meta.url, "loader-worker-node", { workerData: sources });
  const channel = new LoaderChannel(worker, options.onProgress);
  try {
    const opened = await channel.receive(OPENING);
    if (opened.type !== "ready") throw unexpected(opened.type);
    const { train, test } = opened;
    let statistics: Promise<ChannelStatistics> | undefined;
    return {
      sources,
      ...defined({ train, test }),
      statistics: () => {
        statistics ??= requestStatistics(channel);
        return statistics;
      },
      batches: (split, batchOptions) => iterate(channel, split, batchOptions),
      ...disposable(() => channel.dispose()),
    };
  } catch (error) {
    await channel.dispose();
    throw error;
  }
}

/** How both splits of a data set are read. */
export interface DataOptions extends OpenOptions, Omit<DataSource, "path" | "split"> {
  /** Image folders and parquet only: resize images to this height and width; short for a square, bilinear `fit`. */
  readonly size?: number | undefined;
}

/**
 * Opens both splits of a data set, of the training images at most `limit`.
 *
 * @param path as in `DataSource`
 * @throws SenetError as `openLoader`
 * @example await using data = await openData("photos", { size: 64 });
 */
export async function openData(path: string, options: DataOptions = {}): Promise<Loader> {
  checkOptions("openData", options, ["size", "fit", "skipBad", "limit", "onProgress"]);
  const {
    size,
    fit = size === undefined ? undefined : squareFit(size),
    skipBad,
    limit,
    onProgress,
  } = options;
  const source = { path, fit, skipBad };
  return openLoader(
    { train: { ...source, limit, split: "train" }, test: { ...source, split: "test" } },
    { onProgress },
  );
}

async function requestStatistics(channel: LoaderChannel): Promise<ChannelStatistics> {
  const id = channel.open();
  try {
    channel.send({ type: "statistics", id });
    const reply = await channel.receive(id);
    if (reply.type !== "statistics") throw unexpected(reply.type);
    return reply.statistics;
  } finally {
    channel.forget(id);
  }
}

async function* iterate(
  channel: LoaderChannel,
  split: Split,
  options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const id = channel.open();
  let ended = false;
  try {
    channel.send({ type: "start", id, split, options });
    while (true) {
      const reply = await channel.receive(id);
      if (reply.type === "end") {
        ended = true;
        return;
      }
      if (reply.type !== "batch") throw unexpected(reply.type);
      yield reply.batch;
      channel.send({ type: "recycle", id, batch: reply.batch }, buffersOf(reply.batch));
    }
  } finally {
    if (!ended) channel.send({ type: "stop", id });
    channel.forget(id);
  }
}

function unexpected(type: string): SenetError {
  return new SenetError(
    "data",
    `Data loader: expected another answer, found "${type}"; this is a defect of senet.`,
  );
}
