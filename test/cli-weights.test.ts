import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Graph, parametersOf, statesOf } from "../src/ir/graph.ts";
import { type Tensor, tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { readOnnx } from "../src/onnx/read-onnx.ts";
import { writeSafetensorsFile } from "../src/weights/formats/safetensors-file-node.ts";
import { buildCli, senet } from "./support/cli.ts";

/** `--weights` in processes of its own: what is told, what is exported, what is refused. */
const cwd = mkdtempSync(join(tmpdir(), "senet-cli-weights-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const MODEL = "seresnet8";

function storedOf(graph: Graph): Map<string, Tensor> {
  const stored = [...parametersOf(graph), ...statesOf(graph)];
  return new Map(stored.map((value) => [value.name ?? "", value.tensor as Tensor]));
}

/** Another seed than the command's, so that a weight that was not loaded would show. */
const trained = storedOf(createModel(MODEL, { seed: 7 }));

beforeAll(async () => {
  buildCli();
  const wrapped = [...trained].map(([name, value]): [string, Tensor] => [`module.${name}`, value]);
  const extra: [string, Tensor] = ["module.other", tensor([1], [1])];
  await writeSafetensorsFile(join(cwd, "trained.safetensors"), new Map([...wrapped, extra]));
}, 180_000);

function exported(file: string): Map<string, Tensor> {
  return storedOf(readOnnx(readFileSync(join(cwd, file))));
}

const number = trained.size;
const loaded = `trained.safetensors: ${number} tensors loaded`;
const unused = "not used: module.other";

describe("senet export --weights", () => {
  test("writes the file's weights", async () => {
    const args = ["export", MODEL, "--weights", "trained.safetensors", "-o", "a.onnx"];
    const { status, stdout, stderr } = await senet(cwd, args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${loaded}; ${unused}\n` });
    expect(stdout).toContain("parameters (from trained.safetensors)");
    expect(exported("a.onnx")).toEqual(trained);
  });

  test("keeps a fresh classifier for other classes", async () => {
    const args = ["export", MODEL, "--weights", "trained.safetensors", "--classes", "3", "-o", "b.onnx"];
    expect(await senet(cwd, args)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: `senet: trained.safetensors: expected a classifier of 3 classes for ${MODEL}, found one of 10; build the network with 10 classes (--classes), or keep a fresh classifier (--reset-head).\n`,
    });
    const { status, stdout, stderr } = await senet(cwd, [...args, "--reset-head", "--seed", "5"]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `trained.safetensors: ${number - 2} tensors loaded; fresh: fc.weight, fc.bias; ${unused}\n`,
    });
    expect(stdout).toContain("(from trained.safetensors, a fresh classifier)");
    const fresh = storedOf(createModel(MODEL, { classes: 3, seed: 5 }));
    const expected = new Map(trained);
    for (const name of ["fc.weight", "fc.bias"]) expected.set(name, fresh.get(name) as Tensor);
    expect(exported("b.onnx")).toEqual(expected);
  });

  test("takes an exported network's weights, and an order of classes", async () => {
    const order = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    writeFileSync(join(cwd, "order.txt"), order.join("\n"));
    await senet(cwd, ["export", MODEL, "--seed", "4", "-o", "c.onnx"]);
    const args = ["export", MODEL, "--weights", "c.onnx", "--label-order", "order.txt", "-o", "d.onnx"];
    expect(await senet(cwd, args)).toMatchObject({ status: 0, stderr: `c.onnx: ${number} tensors loaded\n` });
    const [from, to] = [exported("c.onnx").get("fc.bias"), exported("d.onnx").get("fc.bias")];
    expect([...(to?.data ?? [])]).toEqual([...(from?.data ?? [])].reverse());
  });

  test("refuses a seed that would name nothing, weights of another network, and options without weights", async () => {
    const args = ["export", MODEL, "--weights", "trained.safetensors", "-o", "e.onnx"];
    expect(await senet(cwd, [...args, "--seed", "1"])).toMatchObject({
      status: 2,
      stderr:
        "senet: --seed names random weights, found --weights trained.safetensors, which leaves none random; leave it out.\n",
    });
    const other = await senet(cwd, ["export", "resnet14", ...args.slice(2), "--debug"]);
    expect(other.status).toBe(1);
    expect(other.stderr).toContain(" missing (layer1.1.conv1.weight; ");
    // In full, with --debug.
    expect(other.stderr).toMatch(/^unexpected module\.other$/m);
    expect(await senet(cwd, ["export", MODEL, "--reset-head", "-o", "e.onnx"])).toMatchObject({
      status: 2,
      stderr: "senet: --reset-head: expected --weights with a file, found none; give one or leave it out.\n",
    });
  });
});

test("senet summary and profile take weights, and tell nothing on stderr with --json", async () => {
  const told = await senet(cwd, ["summary", MODEL, "--weights", "trained.safetensors"]);
  expect(told).toMatchObject({ status: 0, stderr: `${loaded}; ${unused}\n` });
  const args = ["--weights", "trained.safetensors", "--json"];
  const quiet = await senet(cwd, ["summary", MODEL, ...args]);
  expect(quiet).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(quiet.stdout).model).toBe(MODEL);
  const profiled = await senet(cwd, ["profile", MODEL, "--runs", "3", "--weights", "trained.safetensors"]);
  expect(profiled.status).toBe(0);
  expect(profiled.stderr).toContain(loaded);
});
