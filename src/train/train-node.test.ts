import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { idxFiles } from "../../test/support/cli.ts";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { type Loader, openData, openLoader } from "../data/loader/loader-node.ts";
import { readSafetensorsFile, writeSafetensorsFile } from "../weights/formats/safetensors-file-node.ts";
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
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await data.dispose();
  folder.remove();
});

/** Makes a run look as if another engine had computed it so far. */
async function asIfBy(engine: string, path: string): Promise<void> {
  const last = `${path}/last.safetensors`;
  const { tensors, metadata } = await readSafetensorsFile(last);
  const config = JSON.stringify({ ...JSON.parse(metadata.config), engine });
  await writeSafetensorsFile(last, tensors, { ...metadata, config });
  await writeFile(`${path}/config.json`, config);
}

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

  it("records its engine, and goes on with another only when that is asked for", async () => {
    const step: TrainEvent[] = [];
    const stop = new AbortController();
    const run = await configureRun("resnet8", data, { epochs: 2, batch: 8, engine: "onnxruntime" });
    await train(await prepareRun(run, data), at("changed"), {
      signal: stop.signal,
      onEvent(event) {
        step.push(event);
        if (event.type === "step" && event.step === 3) stop.abort();
      },
    });
    expect(step[0]).toEqual({ type: "engine", engine: "onnxruntime", step: 0 });
    await asIfBy("onednn", at("changed"));

    vi.stubEnv("SENET_ONEDNN", at("idx/t10k-labels-idx1-ubyte"));
    const open = await openRunFolder(at("changed"));
    const begun = await open.readRun();
    expect(await messageOf(() => prepareRun(begun, data))).toMatch(
      /^engine: .*oneDNN.*, or choose `engine` onnxruntime\.$/,
    );
    const asked = await prepareRun({ ...begun, config: { ...begun.config, engine: "onnxruntime" } }, data);
    const events: TrainEvent[] = [];
    const { records } = await train(asked, open, { onEvent: (event) => events.push(event) });
    expect(events[0]).toEqual({ type: "engine", engine: "onnxruntime", from: "onednn", step: 3 });
    expect(records.map(({ engine }) => engine)).toEqual(["onnxruntime", "onnxruntime"]);
    const { config } = await openRunFolder(at("changed"));
    expect(config).toMatchObject({ engine: "onnxruntime", formerEngines: [["onednn", 3]] });
  });

  it("takes the engine that is there, and says why it is not the fastest", async () => {
    vi.stubEnv("SENET_ONEDNN", at("idx/t10k-labels-idx1-ubyte"));
    const events: TrainEvent[] = [];
    const prepared = await prepareRun(await configured(), data);
    const { folder, records } = await train(prepared, at("auto"), { onEvent: (event) => events.push(event) });
    expect(events[0]).toEqual({
      type: "engine",
      engine: "onnxruntime",
      step: 0,
      refusal: expect.stringMatching(/^.*oneDNN.*\.$/),
    });
    expect(records[0].engine).toBe("onnxruntime");
    expect((await openRunFolder(folder.path)).config.engine).toBe("onnxruntime");
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
