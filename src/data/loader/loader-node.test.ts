import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import {
  idxBytes,
  imageBytes,
  messageOf,
  parquetBytes,
  temporaryFolder,
} from "../../../test/support/data-fixtures.ts";
import { startWorker } from "../../base/start-worker-node.ts";
import { statistics } from "../dataset/statistics.ts";
import { squareFit } from "../images/fit-image.ts";
import { openDataset } from "../open-dataset-node.ts";
import { type BatchOptions, batches } from "./batches.ts";
import { LoaderChannel } from "./loader-channel-node.ts";
import { type Loader, openLoader } from "./loader-node.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const action of cleanUp.splice(0)) await action();
});
async function open(...args: Parameters<typeof openLoader>): Promise<Loader> {
  const loader = await openLoader(...args);
  cleanUp.push(() => loader.dispose());
  return loader;
}

const train = { path: "fashion-mnist-mini", split: "train" } as const;
const testSource = { path: "fashion-mnist-mini", split: "test" } as const;
const options: BatchOptions = {
  batchSize: 128,
  seed: 3,
  epoch: 2,
  shuffle: true,
  augment: { pad: 2, flip: true },
  mean: [0.3],
  std: [0.35],
};

test("gives the same information, statistics and batches as without a thread", async () => {
  const loader = await open({ test: testSource });
  const dataset = await openDataset(testSource);
  const { labels: _labels, read: _read, ...info } = dataset;
  expect(loader.test).toEqual({ ...info, labelHash: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(loader.train).toBeUndefined();
  expect(await loader.statistics()).toEqual(await statistics(dataset));
  const direct = batches(dataset, options);
  let count = 0;
  for await (const batch of loader.batches("test", options)) {
    const { value } = await direct.next();
    if (!value) throw new Error("expected as many batches");
    expect([...batch.labels]).toEqual([...value.labels]);
    expect(batch.size).toBe(value.size);
    expect(Buffer.from(batch.images.buffer).equals(Buffer.from(value.images.buffer))).toBe(true);
    count++;
  }
  expect(count).toBe(16);
  expect((await direct.next()).done).toBe(true);
});

test("buffers go back when the next batch is asked for", async () => {
  const loader = await open({ test: testSource });
  const iterator = loader.batches("test", options);
  const first = await iterator.next();
  if (first.done) throw new Error("expected a batch");
  expect(first.value.images.length).toBe(128 * 784);
  await iterator.next();
  expect(first.value.images.length).toBe(0);
  await iterator.return?.();
});

test("iterations may be left early, repeated, and run side by side", async () => {
  const loader = await open({ train, test: testSource });
  for (let round = 0; round < 5; round++) {
    for await (const batch of loader.batches("train", options)) {
      expect(batch.size).toBe(128);
      break;
    }
  }
  const labels = async (split: "train" | "test") => {
    const found: bigint[] = [];
    for await (const batch of loader.batches(split, { ...options, shuffle: false }))
      found.push(...batch.labels);
    return found.map(Number);
  };
  const [a, b] = await Promise.all([labels("train"), labels("test")]);
  expect(a).toEqual([...(await openDataset(train)).labels]);
  expect(b).toEqual([...(await openDataset(testSource)).labels]);
});

test("an iteration that is left tells the worker to stop; one that ends does not", async () => {
  const loader = await open({ test: testSource });
  const send = vi.spyOn(LoaderChannel.prototype, "send");
  cleanUp.push(() => send.mockRestore());
  for await (const _ of loader.batches("test", options)) break;
  expect(send.mock.calls.map(([request]) => request.type)).toEqual(["start", "stop"]);
  send.mockClear();
  for await (const _ of loader.batches("test", { ...options, batchSize: 2000 }));
  expect(send.mock.calls.map(([request]) => request.type)).toEqual(["start", "recycle"]);
});

test("the worker prepares no more than the batch in use and three ahead, until buffers come back", async () => {
  const worker = startWorker(import.meta.url, "loader-worker-node", { workerData: { test: testSource } });
  cleanUp.push(() => worker.terminate());
  const arrived: string[] = [];
  worker.on("message", ({ type }) => arrived.push(type));
  const channel = new LoaderChannel(worker, undefined);
  await channel.receive(0);
  channel.send({ type: "start", id: channel.open(), split: "test", options });
  const first = await channel.receive(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(arrived).toEqual(["ready", "batch", "batch", "batch", "batch"]);
  if (first.type !== "batch") throw new Error("expected a batch");
  channel.send({ type: "recycle", id: 1, batch: first.batch });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(arrived.length).toBe(6);
  channel.send({ type: "stop", id: 1 });
  channel.send({ type: "recycle", id: 1, batch: first.batch });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(arrived.length).toBe(6);
});

test("progress and left-out files arrive from the thread", async () => {
  const png = await imageBytes(8, 8, "#f00");
  const { path, remove } = temporaryFolder({
    "train/a/1.png": png,
    "train/b/1.png": png,
    "train/b/2.png": "bad",
  });
  cleanUp.push(remove);
  const steps: string[] = [];
  const source = { path, split: "train", fit: squareFit(8), skipBad: true } as const;
  const onProgress = (p: { what: string; done: number; total: number }) => {
    steps.push(`${p.what} ${p.done}/${p.total}`);
  };
  const loader = await open({ train: source }, { onProgress });
  expect(steps.at(-1)).toBe("train: decoding images 3/3");
  expect(loader.train?.skipped.map((file) => file.path)).toEqual([`${path}/train/b/2.png`]);
});

test("errors keep their code and message", async () => {
  expect(await messageOf(() => openLoader({ train: { path: "no/such/path", split: "train" } }))).toBe(
    "data: no/such/path: expected a file, a folder or an embedded data set (fashion-mnist-mini), found nothing there; check the path.",
  );
  const loader = await open({ test: testSource });
  const consume = async (split: "train" | "test", changes: Partial<BatchOptions>) => {
    for await (const _ of loader.batches(split, { ...options, ...changes })) break;
  };
  expect(await messageOf(() => consume("test", { batchSize: 3000, dropLast: true }))).toBe(
    "data: fashion-mnist-mini: expected at least 3000 samples for one full batch, found 2000; choose a `batch` of at most 2000.",
  );
  expect(await messageOf(() => consume("train", {}))).toBe(
    "usage: Data loader: expected a train split to be open, found none; give openLoader a source for it.",
  );
  await consume("test", {}); // still usable
});

test("splits that do not fit together are refused", async () => {
  const { path, remove } = temporaryFolder({
    "t10k-images-idx3-ubyte": idxBytes([1, 2, 2], [1, 2, 3, 4]),
    "t10k-labels-idx1-ubyte": idxBytes([1], [0]),
    "classes.txt": (await openDataset(train)).classes.join("\n"),
  });
  cleanUp.push(remove);
  expect(await messageOf(() => openLoader({ train, test: { path, split: "test" } }))).toBe(
    "data: Test data: expected images of 1×28×28 (channels×height×width) as in the training data, found 1×2×2; give a `size` or other data.",
  );
});

test("one file is not both splits, under whatever name; alone it is opened", async () => {
  const { path, remove } = temporaryFolder({
    "all.parquet": parquetBytes([
      { name: "image", values: [await imageBytes(4, 4), await imageBytes(4, 4)] },
      { name: "label", values: [0, 1] },
    ]),
  });
  cleanUp.push(remove);
  symlinkSync(join(path, "all.parquet"), join(path, "link.parquet"));
  const source = { path: `${path}/all.parquet`, split: "train" } as const;
  for (const name of ["all.parquet", "link.parquet"]) {
    const both = { train: source, test: { path: `${path}/${name}`, split: "test" } } as const;
    expect(await messageOf(() => openLoader(both), path)).toBe(
      "data: DIR/all.parquet: expected training and test images apart, found one file for both; give a folder with train-*.parquet and test-*.parquet.",
    );
  }
  const alone = await open({ test: { ...source, split: "test" } });
  expect(alone.test?.length).toBe(2);
});

test("the hash of the labels tells their order", async () => {
  const hashes: string[] = [];
  for (const labels of [
    [0, 1],
    [0, 1],
    [1, 0],
  ]) {
    const { path, remove } = temporaryFolder({
      "train-images-idx3-ubyte": idxBytes([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
      "train-labels-idx1-ubyte": idxBytes([2], labels),
    });
    cleanUp.push(remove);
    hashes.push((await open({ train: { path, split: "train" } })).train?.labelHash ?? "");
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test("a closed loader fails clearly, also for an iteration that runs", async () => {
  const loader = await open({ test: testSource });
  const iterator = loader.batches("test", options);
  await iterator.next();
  await loader.dispose();
  await loader.dispose();
  const message = "data: Data loader: expected a running thread, but it was closed; open it again.";
  const drain = async () => {
    while (!(await iterator.next()).done);
  };
  expect(await messageOf(drain)).toBe(message);
  expect(await messageOf(() => loader.statistics())).toBe(message);
});

test("a process that forgets to close its loader still ends", async () => {
  const url = new URL("./loader-node.ts", import.meta.url).href;
  const script = `
    import { openLoader } from ${JSON.stringify(url)};
    const loader = await openLoader({ test: { path: "fashion-mnist-mini", split: "test" } });
    for await (const batch of loader.batches("test", ${JSON.stringify(options)})) { console.log(batch.size); break; }
  `;
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 20_000 });
  expect(stdout).toBe("128\n");
});
