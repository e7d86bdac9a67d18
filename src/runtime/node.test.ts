import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { GraphBuilder } from "../ir/builder.ts";
import { type Tensor, tensor, zeros } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { newGraph } from "../ops/new-graph.ts";
import { executeGraph } from "./execute-graph-node.ts";
import { createSession } from "./node.ts";

/** Encodes what `build` adds to a graph. */
function model(build: (b: GraphBuilder) => void): Uint8Array {
  const b = newGraph("g");
  build(b);
  return writeOnnx(b.build());
}

const convRelu = (b: GraphBuilder) => {
  const x = b.input("x", "float32", ["N", 1, 2, 3]);
  const weight = b.parameter("weight", tensor([1, 1, 1, 2], [1, -2]));
  const bias = b.parameter("bias", tensor([1], [0.5]));
  b.output("y", b.op("Relu", [b.op("Conv", [x, weight, bias], { kernel_shape: [1, 2] })]));
};
/** Each window is left − 2·right + 0.5, negatives become 0. */
const pixels = Float32Array.of(5, 1, 0, 2, 4, -3);
const image = tensor([1, 1, 2, 3], pixels);
const answer = [3.5, 1.5, 0, 10.5];

test("a convolution and a ReLU give the numbers worked out by hand", async () => {
  const b = newGraph("g");
  convRelu(b);
  const { y } = await executeGraph(b.build(), { x: image });
  expect(y).toEqual(tensor([1, 1, 2, 2], answer));
});

test("a session tells its inputs and outputs, with symbols", async () => {
  const session = await createSession(model(convRelu));
  expect(session.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["N", 1, 2, 3] }]);
  expect(session.outputs).toEqual([{ name: "y", dtype: "float32", shape: ["N", 1, 2, 2] }]);
  expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
  await session.dispose();
});

test("a session is loaded from a path, and says what is wrong with one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "senet-session-"));
  try {
    const path = join(folder, "net.onnx");
    writeFileSync(path, model(convRelu));
    {
      await using session = await createSession(path);
      expect(Array.from((await session.run({ x: image })).y.data, Number)).toEqual(answer);
    }
    writeFileSync(path, "no model");
    const message = (wrong: string) =>
      createSession(wrong).catch((error) => `${error.code}: ${error.message}`);
    expect(await message(path)).toMatch(/^engine: ONNX Runtime failed while loading .*net\.onnx: /);
    expect(await message(folder)).toBe(
      `file: ${folder}: expected a file, found a folder; give the path of a file.`,
    );
    expect(await message(join(folder, "none.onnx"))).toMatch(/^file: .*: expected a file, found nothing/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a session declared with await using is disposed of", async () => {
  let kept: Awaited<ReturnType<typeof createSession>>;
  {
    await using session = await createSession(model(convRelu));
    kept = session;
  }
  await expect(kept.run({ x: image })).rejects.toThrow("The session is disposed and cannot run");
});

test.each(["all", "extended", "basic", "none"] as const)(
  "optimize %s and spinning change no result",
  async (optimize) => {
    for (const spinning of [true, 50]) {
      const session = await createSession(model(convRelu), { threads: 2, spinning, optimize });
      expect(Array.from((await session.run({ x: image })).y.data, Number)).toEqual(answer);
      await session.dispose();
    }
  },
);

test.each([0, -1, 0.5, Number.NaN])("refuses to spin for %d microseconds", async (spinning) => {
  await expect(createSession(model(convRelu), { spinning })).rejects.toThrow(
    `Session spinning: expected true, false or a whole number of microseconds from 1, found ${spinning}; correct it.`,
  );
});

test("outputs are written into the memory given, also at an offset, and the same objects returned", async () => {
  const session = await createSession(model(convRelu));
  const memory = new Float32Array(6).fill(7);
  const target: Tensor = { dtype: "float32", shape: [1, 1, 2, 2], data: memory.subarray(1, 5) };
  const { y } = await session.run({ x: image }, { y: target });
  expect(y).toBe(target);
  expect(Array.from(memory)).toEqual([7, ...answer, 7]);
  // The engine reads a fed tensor's present content, although it sees the same object.
  pixels.fill(0);
  await session.run({ x: image }, { y: target });
  expect(Array.from(memory)).toEqual([7, 0.5, 0.5, 0.5, 0.5, 7]);
  pixels.set([5, 1, 0, 2, 4, -3]);
  await session.dispose();
});

test("outputs that are inputs or stored values are written too", async () => {
  const session = await createSession(
    model((b) => {
      const x = b.input("x", "float32", ["N"]);
      const w = b.parameter("w", tensor([2], [3, 4]));
      b.output("x", x);
      b.output("w", w);
      b.output("x_again", x);
      b.output("w_again", w);
    }),
  );
  const into = { x: zeros([2]), w: zeros([2]), x_again: zeros([2]), w_again: zeros([2]) };
  await session.run({ x: tensor([2], [1, 2]) }, into);
  expect(Object.values(into).map(({ data }) => Array.from(data, Number))).toEqual([
    [1, 2],
    [3, 4],
    [1, 2],
    [3, 4],
  ]);
  await session.dispose();
});

test("every dtype goes in and comes out", async () => {
  const stored: Tensor[] = [
    tensor([2], [1.5, -2]),
    tensor([2], [1.5, 1e300], "float64"),
    tensor([2], [0x3c00, 0xc000], "float16"),
    tensor([2], [-7, 7], "int32"),
    tensor([2], new BigInt64Array([-(2n ** 62n), 5n]), "int64"),
    tensor([2], [1, 0], "bool"),
    tensor([2], [255, 0], "uint8"),
    tensor([2], [-128, 127], "int8"),
  ];
  const b = newGraph("g");
  for (const { dtype } of stored) b.output(`${dtype}_out`, b.op("Identity", [b.input(dtype, dtype, ["N"])]));
  const session = await createSession(writeOnnx(b.build()));
  const feeds = Object.fromEntries(stored.map((content) => [content.dtype, content]));
  const expected = Object.fromEntries(stored.map((content) => [`${content.dtype}_out`, content]));
  expect(await session.run(feeds)).toEqual(expected);
  const into = Object.fromEntries(stored.map(({ dtype }) => [`${dtype}_out`, zeros([2], dtype)]));
  await session.run(feeds, into);
  expect(into).toEqual(expected);
  await session.dispose();
});

test("wrong tensors are refused by name before the engine sees them", async () => {
  const session = await createSession(
    model((b) => {
      const x = b.input("images", "float32", ["N", 3]);
      const labels = b.input("labels", "int64", ["N"]);
      b.output("y", b.op("Relu", [x]));
      b.output("z", b.op("Identity", [labels]));
    }),
  );
  const images = zeros([2, 3]);
  const labels = zeros([2], "int64");
  const refused = (feeds: Record<string, Tensor>, into: Record<string, Tensor>, message: string) =>
    expect(session.run(feeds, into)).rejects.toMatchObject({ code: "shape", message });
  await refused(
    { images },
    {},
    'Input "labels": expected int64 [N], found nothing; pass tensor([1], data, "int64").',
  );
  await refused(
    { images, label: labels },
    {},
    'Input "label" is not known to the model (did you mean "labels"?); leave it out or correct the name.',
  );
  await refused(
    { images: zeros([2, 4]), labels },
    {},
    'Input "images": expected float32 [N, 3], found float32 [2, 4]; pass tensor([1, 3], data, "float32").',
  );
  await refused(
    { images: zeros([2, 3], "int32"), labels },
    {},
    'Input "images": expected float32 [N, 3], found int32 [2, 3]; pass tensor([1, 3], data, "float32").',
  );
  await refused(
    { images: new Float32Array(6) as unknown as Tensor, labels },
    {},
    'Input "images": expected float32 [N, 3], found an object of class Float32Array, which is no tensor; pass tensor([1, 3], data, "float32").',
  );
  await refused(
    { images, labels: zeros([4], "int64") },
    {},
    'Input "labels": dimension N is 4, but 2 in input "images"; make them equal.',
  );
  await refused(
    { images, labels },
    { y: zeros([5, 3]) },
    'Output "y": dimension N is 5, but 2 in input "images"; make them equal.',
  );
  await refused(
    { images, labels },
    { y: images },
    'Output "y": its memory is also fed as an input; use two sets of tensors and swap them.',
  );
  await refused(
    { images, labels },
    { outputs: images },
    'Output "outputs" is not known to the model; leave it out or correct the name.',
  );
  await session.dispose();
});

test("what the engine refuses is one sentence of code engine, without its sources' paths", async () => {
  await expect(createSession(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
    code: "engine",
    message:
      "ONNX Runtime failed while loading the model: Failed to load model because protobuf parsing failed.",
  });
  await expect(createSession(model(convRelu), { threads: 0 })).rejects.toMatchObject({
    code: "usage",
    message: "Session threads: expected a whole number from 1, found 0; correct it.",
  });
  const session = await createSession(
    model((b) => b.output("y", b.op("Reshape", [b.input("x", "float32", ["N"]), b.constant([-1, 4])]))),
  );
  await expect(session.run({ x: zeros([6]) })).rejects.toMatchObject({
    code: "engine",
    message: expect.stringMatching(
      /^ONNX Runtime failed while running the model: Failed in Reshape node\. [^/]*\.$/,
    ),
  });
  await session.dispose();
});

test("a profile is written on dispose", async () => {
  const folder = mkdtempSync(join(tmpdir(), "senet-profile-"));
  const session = await createSession(model(convRelu), { profile: join(folder, "p") });
  await session.run({ x: image });
  await session.dispose();
  const [file] = readdirSync(folder);
  expect(readFileSync(join(folder, file), "utf8")).toContain("Conv");
  rmSync(folder, { recursive: true });
});

test("a batch of none is a batch", async () => {
  const session = await createSession(model(convRelu));
  expect((await session.run({ x: zeros([0, 1, 2, 3]) })).y).toEqual(zeros([0, 1, 2, 2]));
  await session.dispose();
});

test("a disposed session says so; disposing twice is harmless", async () => {
  const session = await createSession(model(convRelu));
  await session.dispose();
  await session.dispose();
  await expect(session.run({ x: image })).rejects.toMatchObject({
    code: "engine",
    message: "The session is disposed and cannot run; create another one.",
  });
});

test("memory stays flat over 1,000 runs, and disposing gives it back", async () => {
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;
  const bytes = model((b) => {
    const x = b.input("x", "float32", ["N"]);
    b.output("y", b.op("Add", [x, b.op("Relu", [x])]));
  });
  const session = await createSession(bytes);
  const x = zeros([2 ** 16]); // a quarter of a megabyte, 250 MB if each run leaked one
  let [y, spare] = [zeros([2 ** 16]), zeros([2 ** 16])];
  const steps = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await session.run({ x }, { y });
      [y, spare] = [spare, y];
    }
  };
  await steps(200);
  const before = megabytes();
  await steps(1000);
  expect(megabytes() - before).toBeLessThan(120);
  await session.dispose();

  const weights = model((b) => {
    const w = b.parameter("w", zeros([2 ** 20]));
    b.output("y", b.op("Add", [b.input("x", "float32", [1]), w]));
  });
  const open = async (count: number) => {
    for (let i = 0; i < count; i++) await (await createSession(weights, { threads: 1 })).dispose();
  };
  await open(20);
  const opened = megabytes();
  await open(100); // 400 MB of weights, were they kept
  expect(megabytes() - opened).toBeLessThan(120);
});

test("a graph in place of its bytes is refused with what to pass", async () => {
  const graph = newGraph("net").build();
  await expect(createSession(graph as never)).rejects.toThrow(
    "Session: expected a path or the bytes of an .onnx file, found a graph; pass writeOnnx(graph).",
  );
});
