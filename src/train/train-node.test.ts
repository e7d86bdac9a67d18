import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idxFiles } from "../../test/support/cli.ts";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { type Loader, openData, openLoader } from "../data/loader/loader-node.ts";
import { configureRun } from "./configure-run-node.ts";
import { openRunData } from "./run-data-node.ts";
import { openRunFolder } from "./run-folder-node.ts";
import { prepareRun, train } from "./train-node.ts";
import type { TrainEvent } from "./train-options.ts";

const folder = temporaryFolder();
const at = (name: string) => `${folder.path}/${name}`;
let data: Loader;
beforeAll(async () => {
  for (const [name, bytes] of Object.entries(idxFiles())) folder.write({ [`idx/${name}`]: bytes });
  for (const [name, bytes] of Object.entries(idxFiles({ train: 48 })))
    folder.write({ [`other/${name}`]: bytes });
  data = await openData(at("idx"));
});
afterAll(async () => {
  await data.dispose();
  folder.remove();
});

const configured = () => configureRun("resnet8", data, { epochs: 2, batch: 8 });

it("knows a run's sizes before anything is made", async () => {
  const { batches, parameters, diskBytes } = await prepareRun(await configured(), data);
  expect({ batches, parameters }).toEqual({ batches: 5, parameters: 77_299 });
  expect(diskBytes).toBeGreaterThan(4 * 4 * 2 * parameters);
});

it.each(["train", "test"] as const)("a loader with %s alone is refused", async (split) => {
  const run = await configured();
  await using loader = await openLoader({ [split]: { path: at("idx"), split } });
  expect(await messageOf(() => prepareRun(run, loader))).toBe(
    `data: Training resnet8: expected a loader with both splits, found none for ${split === "train" ? "test" : "train"}; open it with both.`,
  );
});

it("other data than the configuration's is refused", async () => {
  const run = await configured();
  await using loader = await openData(at("other"));
  expect(await messageOf(() => prepareRun(run, loader), folder.path)).toBe(
    "data: DIR/other: expected the data that the run began with (40 + 16 images of 1×8×8, 3 classes), found other data (48 + 16 of 1×8×8, 3 classes); restore it or start a new run.",
  );
});

describe("a run", () => {
  it("stops when told to, and goes on from its folder as if it had not", async () => {
    const prepared = await prepareRun(await configured(), data);
    const whole = await train(prepared, at("whole"));
    const stop = new AbortController();
    const onEvent = ({ type }: TrainEvent) => {
      if (type === "epoch") stop.abort();
    };
    const stopped = await train(prepared, at("stopped"), { signal: stop.signal, onEvent });
    expect([stopped.finished, stopped.records.length]).toEqual([false, 1]);

    const open = await openRunFolder(at("stopped"));
    await using again = await openRunData(open.config);
    const resumed = await train(await prepareRun(await open.readRun(), again), open);
    expect([resumed.finished, resumed.records.length]).toEqual([true, 2]);
    expect(resumed.records[1].test).toEqual(whole.records[1].test);
    expect(resumed.best).toEqual(whole.best);
  });

  it("is trained by one at a time", async () => {
    const prepared = await prepareRun(await configured(), data);
    let second: Promise<string> | undefined;
    const first = await train(prepared, at("once"), {
      onEvent() {
        second ??= openRunFolder(at("once")).then((open) =>
          messageOf(() => train(prepared, open), folder.path),
        );
      },
    });
    expect(first.finished).toBe(true);
    expect(await second).toMatch(
      /^busy: DIR\/once: expected no other process at work in it, found the lock of process \d+ on .+; wait for it, choose another folder, or remove DIR\/once\/\.lock if no such process runs any more\.$/,
    );
    expect((await train(prepared, first.folder)).records).toEqual(first.records);
  });
});
