import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";
import { toFailure } from "../../base/failure.ts";
import { kindOfPath } from "../../files/read-file-node.ts";
import { sharedClasses } from "../dataset/classes.ts";
import type { DataSource, Dataset, LoadedInfo, OpenProgress } from "../dataset/dataset.ts";
import { statistics } from "../dataset/statistics.ts";
import { openDataset } from "../open-dataset-node.ts";
import { BatchPool } from "./batch-pool.ts";
import { batches } from "./batches.ts";
import type { LoaderReply, LoaderRequest, LoaderSources, Split } from "./loader-protocol.ts";
import { BATCHES_IN_FLIGHT, buffersOf, OPENING } from "./loader-protocol.ts";

/** One running iteration: how many batches it may still send, and how to wake it when that changes. */
interface Iteration {
  credit: number;
  stopped: boolean;
  wake: () => void;
}

type OpenSets = Partial<Record<Split, Dataset>>;

/** The thread behind `openLoader`: opens the data sets, then serves statistics and batches until it is ended. */
async function main(sources: LoaderSources): Promise<void> {
  const sets = await openAll(sources);
  const pool = new BatchPool();
  const iterations = new Map<number, Iteration>();
  parentPort?.on("message", (request: LoaderRequest) => {
    if (request.type === "statistics") {
      answer(request.id, sendStatistics(request.id, sets));
    } else if (request.type === "start") {
      const iteration: Iteration = { credit: BATCHES_IN_FLIGHT, stopped: false, wake: () => undefined };
      iterations.set(request.id, iteration);
      const done = iterate(request, sets, pool, iteration).finally(() => iterations.delete(request.id));
      answer(request.id, done);
    } else {
      if (request.type === "recycle") pool.give(request.batch);
      const iteration = iterations.get(request.id);
      if (iteration === undefined) return; // it ended while this message was on its way
      if (request.type === "recycle") iteration.credit++;
      else iteration.stopped = true;
      iteration.wake();
    }
  });
  const { train, test } = sets;
  send({ type: "ready", ...defined({ train: train && infoOf(train), test: test && infoOf(test) }) });
}

async function openAll(sources: LoaderSources): Promise<OpenSets> {
  const open = (source: DataSource) => openDataset(source, { onProgress: reportProgress(source.split) });
  if (sources.train && sources.test) await refuseOneFile(sources.train.path, sources.test.path);
  const train = sources.train && (await open(sources.train));
  const test = sources.test && (await open(sources.test));
  if (!train || !test) return defined({ train, test });
  const classes = sharedClasses(train.classes, test.classes);
  if (train.shape.join() !== test.shape.join()) {
    throw new SenetError(
      "data",
      `Test data: expected images of ${train.shape.join("×")} (channels×height×width) as in the training data, found ${test.shape.join("×")}; give a \`size\` or other data.`,
    );
  }
  return { train: { ...train, classes }, test: { ...test, classes } };
}

/** One file would be both splits: a test on the images that were trained on says nothing. */
async function refuseOneFile(train: string, test: string): Promise<void> {
  if ((await kindOfPath(train)) !== "file" || (await kindOfPath(test)) !== "file") return;
  if ((await realpath(train)) !== (await realpath(test))) return;
  throw new SenetError(
    "data",
    `${train}: expected training and test images apart, found one file for both; give a folder with train-*.parquet and test-*.parquet.`,
  );
}

/** Sends at most one message per 50 ms, and the last: a message per file would cost more than some files. */
function reportProgress(split: Split) {
  let last = 0;
  return (progress: OpenProgress) => {
    const now = performance.now();
    if (now - last < 50 && progress.done < progress.total) return;
    last = now;
    send({ type: "progress", progress: { ...progress, what: `${split}: ${progress.what}` } });
  };
}

async function sendStatistics(id: number, sets: OpenSets): Promise<void> {
  const dataset = sets.train ?? sets.test;
  if (dataset === undefined)
    throw new SenetError(
      "usage",
      "Data loader: expected an open data set, found none; give openLoader a source.",
    );
  send({ type: "statistics", id, statistics: await statistics(dataset) });
}

async function iterate(
  { id, split, options }: Extract<LoaderRequest, { type: "start" }>,
  sets: OpenSets,
  pool: BatchPool,
  iteration: Iteration,
): Promise<void> {
  const dataset = sets[split];
  if (dataset === undefined) {
    throw new SenetError(
      "usage",
      `Data loader: expected a ${split} split to be open, found none; give openLoader a source for it.`,
    );
  }
  for await (const batch of batches(dataset, options, pool)) {
    if (iteration.stopped) return;
    send({ type: "batch", id, batch }, buffersOf(batch));
    iteration.credit--;
    // Also lets waiting messages in: without a decoder to wait for, nothing else would.
    await nextTurn();
    while (iteration.credit === 0 && !iteration.stopped) {
      await new Promise<void>((resolve) => {
        iteration.wake = resolve;
      });
    }
    if (iteration.stopped) return;
  }
  send({ type: "end", id });
}

function answer(id: number, work: Promise<void>): void {
  work.catch((error: unknown) => send({ type: "failed", id, failure: toFailure(error) }));
}

function send(reply: LoaderReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function infoOf({ name, split, classes, shape, length, skipped, labels }: Dataset): LoadedInfo {
  const labelHash = createHash("sha256").update(labels.join()).digest("hex").slice(0, 16);
  return { name, split, classes, shape, length, skipped, labelHash };
}

answer(OPENING, main(workerData));
