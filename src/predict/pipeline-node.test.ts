import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { startHubServer } from "../../test/support/hub-server.ts";
import { sharedPath } from "../../test/support/needs.ts";
import type { Graph } from "../ir/graph.ts";
import { parametersOf, statesOf } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createModel } from "../models/create-model.ts";
import { describeModel } from "../models/describe-model.ts";
import { imageNet } from "../models/preprocessing.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { newGraph } from "../ops/new-graph.ts";
import { bindDims } from "../passes/graph/bind-dims.ts";
import { createSession } from "../runtime/node.ts";
import { encodeSafetensors } from "../weights/formats/safetensors.ts";
import { type ClassifyImages, type PipelineOptions, pipeline } from "./pipeline-node.ts";
import type { ImageInput } from "./read-image-node.ts";

/** The mean of each channel, as three classes: what an image is made into can be read from the scores. */
function meansNet(batch: number | string = "N", described = true): Graph {
  const b = newGraph("means");
  const images = b.input("images", "float32", [batch, 3, 16, 16]);
  b.output("logits", b.op("Flatten", [b.op("GlobalAveragePool", [images])]));
  const graph = b.build();
  if (!described) return graph;
  const classes = ["red", "green", "blue"];
  return describeModel(graph, { model: "means", input: [3, 16, 16], classes, ...plain });
}

const plain = { ...imageNet, mean: [0, 0, 0], std: [1, 1, 1], cropFraction: 1 } as const;

/** The means of the channels, 0 to 1, back from the scores of `meansNet`, relative to blue. */
async function meansOf(classify: ClassifyImages, input: Uint8Array): Promise<number[]> {
  const found = new Map((await classify(input)).map(({ label, score }) => [label, score]));
  const blue = Math.log(found.get("blue") ?? 0);
  return ["red", "green"].map((name) => Math.log(found.get(name) ?? 0) - blue);
}

const color = { r: 204, g: 102, b: 51 };
const expected = [(204 - 51) / 255, (102 - 51) / 255];
const folder = temporaryFolder();
const image = () => sharp({ create: { width: 40, height: 24, channels: 3, background: color } });
let classify: ClassifyImages;
let server: Server;
let address: string;

beforeAll(async () => {
  classify = await pipeline("image-classification", meansNet());
  const png = await image().png().toBuffer();
  server = createServer(({ url }, answer) => {
    if (url === "/cat.png") answer.end(png);
    else if (url === "/cut.png") {
      answer.writeHead(200, { "content-length": String(png.length) });
      answer.write(png.subarray(0, 20), () => answer.destroy());
    } else answer.writeHead(404).end("no");
  }).listen(0);
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await classify.dispose();
  server.close();
  folder.remove();
});

describe("images of every kind give the same prediction", () => {
  const deep = () => {
    const pixels = new Uint16Array(16 * 16 * 3);
    for (let i = 0; i < pixels.length; i++) pixels[i] = [color.r, color.g, color.b][i % 3] * 257;
    return sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } }).toColorspace("rgb16");
  };
  const kinds: [string, () => Promise<Uint8Array>, tolerance: number][] = [
    ["PNG", () => image().png().toBuffer(), 1e-6],
    ["16-bit PNG", () => deep().png().toBuffer(), 1e-6],
    ["PNG with alpha", () => image().ensureAlpha(1).png().toBuffer(), 1e-6],
    ["JPEG", () => image().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(), 0.01],
    [
      "JPEG, turned by EXIF",
      () => image().withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer(),
      0.01,
    ],
    ["WebP", () => image().webp({ lossless: true }).toBuffer(), 1e-6],
    ["AVIF", () => image().avif({ lossless: true }).toBuffer(), 0.01],
    ["GIF", () => image().gif().toBuffer(), 0.01],
    ["TIFF", () => image().tiff({ compression: "lzw" }).toBuffer(), 1e-6],
  ];
  test.each(kinds)("%s", async (_, make, tolerance) => {
    const means = await meansOf(classify, await make());
    means.forEach((mean, i) => {
      expect(Math.abs(mean - expected[i])).toBeLessThan(tolerance);
    });
  });

  test("only the first frame of an animation counts", async () => {
    const frames = Buffer.concat([
      await image().raw().toBuffer(),
      await sharp({ create: { width: 40, height: 24, channels: 3, background: "blue" } })
        .raw()
        .toBuffer(),
    ]);
    const gif = await sharp(frames, { raw: { width: 40, height: 48, channels: 3, pageHeight: 24 } })
      .gif({ delay: [100, 100] })
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    expect((await meansOf(classify, gif))[0]).toBeCloseTo(expected[0], 1);
  });

  test("greyscale becomes three equal channels", async () => {
    const gray = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#777" } })
      .toColorspace("b-w")
      .png()
      .toBuffer();
    for (const mean of await meansOf(classify, gray)) expect(mean).toBeCloseTo(0, 6);
  });

  test("a path, URLs, a Blob and decoded pixels", async () => {
    const png = await image().png().toBuffer();
    folder.write({ "cat.png": png });
    const path = join(folder.path, "cat.png");
    const { data } = await image().raw().toBuffer({ resolveWithObject: true });
    const inputs = [
      path,
      pathToFileURL(path),
      pathToFileURL(path).href,
      `data:image/png;base64,${png.toString("base64")}`,
      `${address}/cat.png`,
      new URL(`${address}/cat.png`),
      new Blob([new Uint8Array(png)]),
      new Uint8Array(png).buffer,
      { data, width: 40, height: 24, channels: 3 },
      { data: new Uint8ClampedArray(data), width: 40, height: 24 },
    ];
    const results = await classify(inputs, { topK: 1 });
    expect(results).toHaveLength(inputs.length);
    const [[first]] = results;
    expect(first.label).toBe("red");
    for (const [{ label, score }] of results) {
      expect(label).toBe("red");
      expect(score).toBeCloseTo(first.score, 6);
    }
  });
});

test("what is no image is refused in one sentence", async () => {
  const refusal = (input: ImageInput) => messageOf(() => classify(input), folder.path);
  const pixels = { data: new Uint8Array(100), width: 8, height: 8 };
  expect(await refusal({ ...pixels, channels: 3 })).toBe(
    "usage: image: expected 8×8 pixels of 3 bytes, 192 in all, found 100 bytes; correct the size or the data.",
  );
  expect(await refusal(`${address}/dog.png`)).toBe(
    `data: ${address}/dog.png: expected an image, found the answer 404 Not Found; check the address and the network.`,
  );
  expect(await refusal(`${address}/cut.png`)).toMatch(
    /cut\.png: expected an image, found no answer or not all of it \(.+\); check the address and the network\.$/,
  );
  expect(await refusal(join(folder.path, "none.png"))).toBe(
    "data: DIR/none.png: expected a file, found nothing; check the path.",
  );
  for (const nowhere of ["http://", "file://host/cat.png"]) {
    expect(await refusal(nowhere)).toBe(
      `usage: ${nowhere}: expected the address of an image, found one that leads nowhere; correct it.`,
    );
  }
  for (const nothing of [undefined, null, 42, {}]) {
    expect(await messageOf(() => classify(nothing as unknown as string))).toMatch(
      /^usage: image: expected a path, a URL, the bytes of an image file, or pixels/,
    );
  }
  expect(await refusal(Buffer.from("text"))).toBe(
    "data: image: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found data of another kind; replace or remove it.",
  );
  expect(await refusal({ data: new Uint8Array(5), width: 2, height: 2 })).toBe(
    "usage: image: expected 2×2 pixels of 1 or 3 or 4 bytes, 4 or 12 or 16 in all, found 5 bytes; correct the size or the data.",
  );
  expect(await refusal({} as ImageInput)).toMatch(
    /^usage: image: expected a path, a URL, the bytes of an image file, or pixels/,
  );
  expect(await messageOf(() => classify("x.png", { topK: 0 }))).toBe(
    "usage: topK: expected a whole number of at least 1, found 0; correct it.",
  );
});

test("a batch fixed in the file is filled up, and takes all images all the same", async () => {
  const fixed = await pipeline("image-classification", bindDims(meansNet(), { N: 4 }));
  const red = {
    data: new Uint8Array(3 * 16 * 16).map((_, i) => (i % 3 === 0 ? 255 : 0)),
    width: 16,
    height: 16,
  };
  const blue = {
    data: new Uint8Array(3 * 16 * 16).map((_, i) => (i % 3 === 2 ? 255 : 0)),
    width: 16,
    height: 16,
  };
  const images = [red, blue, red, blue, blue, red];
  const found = await fixed(images, { topK: 1 });
  expect(found.map(([{ label }]) => label)).toEqual(["red", "blue", "red", "blue", "blue", "red"]);
  expect(await classify(images, { topK: 1 })).toEqual(found);
  await fixed.dispose();
});

test("without a description the options say how images are prepared; names of classes are ImageNet's or numbers", async () => {
  const bare = writeOnnx(meansNet("N", false));
  expect(await messageOf(() => pipeline("image-classification", bare))).toBe(
    "usage: model: expected a description of how images are prepared, found none in the file; give `mean` and `std`, or name a model that was trained in the same way.",
  );
  await using numbered = await pipeline("image-classification", bare, { preprocessing: plain });
  const red = {
    data: new Uint8Array(3 * 16 * 16).map((_, i) => (i % 3 === 0 ? 255 : 0)),
    width: 16,
    height: 16,
  };
  expect((await numbered(red))[0].label).toBe("0");
  await using bgr = await pipeline("image-classification", bare, {
    preprocessing: { ...plain, colorOrder: "BGR" },
    labels: ["blue", "green", "red"],
  });
  expect((await bgr(red))[0].label).toBe("red");
  expect(
    await messageOf(() => pipeline("image-classification", bare, { preprocessing: plain, labels: ["a"] })),
  ).toBe("usage: model: expected 3 `labels`, one per class, found 1; correct the list.");
});

test("outputs that are probabilities already are not made so again", async () => {
  const b = newGraph("soft", { from: meansNet() });
  const logits = b.op("Softmax", [b.build().outputs[0].value], { axis: 1 });
  const soft = { ...b.build(), outputs: [{ name: "p", value: logits }], metadata: meansNet().metadata };
  await using classifySoft = await pipeline("image-classification", soft);
  const pixels = {
    data: new Uint8Array(3 * 16 * 16).map((_, i) => [200, 90, 20][i % 3]),
    width: 16,
    height: 16,
  };
  const [plainScores, softScores] = [await classify(pixels), await classifySoft(pixels)];
  softScores.forEach(({ label, score }, i) => {
    expect(label).toBe(plainScores[i].label);
    expect(score).toBeCloseTo(plainScores[i].score, 6);
  });
});

test("a name with weights is the network with them", async () => {
  const graph = createModel("seresnet8", { seed: 5 });
  const tensors = new Map(
    [...parametersOf(graph), ...statesOf(graph)].flatMap(({ name = "", tensor }) =>
      tensor ? [[name, tensor]] : [],
    ),
  );
  folder.write({ "w.safetensors": Buffer.concat(encodeSafetensors(tensors)) });
  await using byName = await pipeline("image-classification", "seresnet8", {
    weights: join(folder.path, "w.safetensors"),
  });
  await using byGraph = await pipeline("image-classification", graph);
  const pixels = { data: new Uint8Array(3 * 32 * 32).map((_, i) => (i * 7) % 256), width: 32, height: 32 };
  expect(await byName(pixels)).toEqual(await byGraph(pixels));
});

test("a repository of a hub is a model: its .onnx file, or weights of the network that its configuration names", async () => {
  const config = { ...plain, crop_pct: 1, num_classes: 3, label_names: ["red", "green", "blue"] };
  const graph = createModel("seresnet8", { seed: 5, classes: 3 });
  const tensors = new Map(
    [...parametersOf(graph), ...statesOf(graph)].map(({ name = "", tensor }) => [name, tensor as Tensor]),
  );
  const weights = Buffer.concat(encodeSafetensors(tensors));
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const repositories = {
    "a/network": {
      "onnx/model.onnx": writeOnnx(meansNet("N", false)),
      "config.json": json({ architecture: "means", ...config }),
    },
    "a/weights": {
      "model.safetensors": weights,
      "config.json": json({ architecture: "seresnet8", ...config }),
    },
    "a/stranger": { "model.safetensors": weights, "config.json": json({ architectures: ["ViT"] }) },
  };
  const hub = async <T>(name: keyof typeof repositories, use: (options: PipelineOptions) => Promise<T>) => {
    const server = await startHubServer(name, repositories[name]);
    try {
      return await use({ cache: folder.path, endpoint: server.address });
    } finally {
      server.close();
    }
  };
  const red = {
    data: new Uint8Array(3 * 32 * 32).map((_, i) => (i % 3 === 0 ? 255 : 0)),
    width: 32,
    height: 32,
  };
  const [first] = await hub("a/network", async (options) => {
    await using classifyRed = await pipeline("image-classification", "hf:a/network", options);
    return await classifyRed(red);
  });
  expect(first.label).toBe("red");
  await using local = await pipeline("image-classification", graph, {
    labels: config.label_names,
    preprocessing: plain,
  });
  const expectedScores = await local(red);
  await hub("a/weights", async (options) => {
    await using byConfig = await pipeline("image-classification", "hf:a/weights", options);
    expect(await byConfig(red)).toEqual(expectedScores);
    await using byName = await pipeline("image-classification", "seresnet8", {
      weights: "hf:a/weights",
      ...options,
    });
    expect(await byName(red)).toEqual(expectedScores);
  });
  await hub("a/stranger", async (options) => {
    expect(await messageOf(() => pipeline("image-classification", "hf:a/stranger", options))).toBe(
      "unknown-name: hf:a/stranger: expected a config.json that names a network of senet, found none; give the network's name as the model and hf:a/stranger as its weights.",
    );
  });
});

test("what cannot be a model is refused in one sentence", async () => {
  const refusal = (model: string | Graph, task = "image-classification") =>
    messageOf(() => pipeline(task as "image-classification", model), folder.path);
  for (const nothing of [undefined, null, {}]) {
    expect(await refusal(nothing as unknown as string)).toMatch(
      /^usage: pipeline: expected a model as a path/,
    );
  }
  folder.write({ "text.onnx": "text" });
  expect(await refusal("x.onnx", "image-clasification")).toBe(
    'usage: pipeline: expected the task "image-classification", found "image-clasification" (did you mean "image-classification"?); it is the only one.',
  );
  expect(await refusal("seresnet50")).toBe(
    "usage: seresnet50: expected weights with a model's name, as random ones predict nothing; give the option weights, or an .onnx file.",
  );
  expect(await refusal("nothing.onnx")).toBe(
    "file: nothing.onnx: expected a file, found nothing; check the path.",
  );
  expect(await refusal(join(folder.path, "text.onnx"))).toMatch(
    /^file: DIR\/text\.onnx: expected an ONNX model/,
  );
  const b = newGraph("vectors");
  b.output("y", b.op("Relu", [b.input("x", "float32", ["N", 4])]));
  expect(await refusal(b.build())).toBe(
    "graph: vectors: expected an image classifier (one float32 input [N, 1 or 3, H, W], output [N, classes]), found x float32 [N, 4] → y float32 [N, 4]; use another model.",
  );
});

test("someone else's classifier gives what the engine gives", async (context) => {
  const file = sharedPath(context, "models/ppocr/ch_ppocr_mobile_v2.0_cls_infer.onnx");
  const bytes = new Uint8Array(readFileSync(file));
  const preprocessing = { ...plain, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  await using turned = await pipeline("image-classification", bytes, {
    preprocessing,
    size: [48, 192],
    labels: ["0°", "180°"],
  });
  const found = await turned(await image().png().toBuffer());

  const plane = 48 * 192;
  const data = new Float32Array(3 * plane).map((_, i) => {
    const pixel = [color.r, color.g, color.b][Math.floor(i / plane)];
    return (pixel / 255 - 0.5) / 0.5;
  });
  const session = await createSession(bytes);
  const outputs = await session.run({
    [session.inputs[0].name]: { dtype: "float32", shape: [1, 3, 48, 192], data },
  });
  const scores = Object.values(outputs)[0].data;
  for (const { label, score } of found) {
    expect(score).toBeCloseTo(Number(scores[label === "0°" ? 0 : 1]), 5);
  }
  await session.dispose();
});
