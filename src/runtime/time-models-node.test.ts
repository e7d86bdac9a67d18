import { expect, it, vi } from "vitest";
import { smallNet } from "../../test/support/small-net.ts";
import { sgd } from "../train/step/optimizers.ts";
import { timedStep } from "../train/step/timed-step.ts";
import { trainStep } from "../train/step/train-step.ts";
import * as node from "./node.ts";
import type { Session } from "./session.ts";
import { timeModels } from "./time-models-node.ts";

it("times a network and its training step side by side", async () => {
  const net = smallNet();
  const step = trainStep(net, { batch: 2, optimizer: sgd() });
  const models = [{ name: "net", model: net }, timedStep("step", step)];
  const times = await timeModels(models, { rounds: 3, warmup: 1, threads: 1 });
  expect(times).toMatchObject([
    { name: "net", rounds: 3 },
    { name: "step", rounds: 3 },
  ]);
  for (const { min, median } of times) expect(min > 0 && min <= median).toBe(true);
});

it("disposes of every session when the measurement is interrupted or a model does not load", async () => {
  const opened: Session[] = [];
  const createSession = node.createSession;
  const spy = vi.spyOn(node, "createSession");
  spy.mockImplementation(async (...args) => {
    const session = await createSession(...args);
    vi.spyOn(session, "dispose");
    opened.push(session);
    return session;
  });
  const options = { rounds: 3, warmup: 0, threads: 1 };
  const onRound = () => {
    throw new Error("interrupted");
  };
  const model = smallNet();
  await expect(timeModels([{ name: "a", model }], { ...options, onRound })).rejects.toThrow("interrupted");
  const damaged = { name: "b", model: Uint8Array.of(1, 2, 3) };
  await expect(timeModels([{ name: "a", model }, damaged], options)).rejects.toThrow("loading the model");
  expect(opened).toHaveLength(2);
  for (const { dispose } of opened) expect(dispose).toHaveBeenCalledTimes(1);
});
