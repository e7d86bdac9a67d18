import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, type TensorProto } from "onnx-buf";
import { afterAll, describe, expect, it } from "vitest";
import { foreign, network } from "../../test/support/onnx-fixtures.ts";
import { storedValues } from "../ir/graph.ts";
import { readOnnx } from "./read-onnx.ts";
import { readOnnxFile } from "./read-onnx-file-node.ts";

const root = mkdtempSync(join(tmpdir(), "senet-external-"));
const folder = join(root, "model");
mkdirSync(join(folder, "weights"), { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

/** The fixture with its first tensor's bytes in another file, and these bytes. */
function external(entries: Readonly<Record<string, string>>): { model: Uint8Array; weights: Uint8Array } {
  let weights = new Uint8Array();
  const model = foreign((graph) => {
    const [stored] = graph.initializer;
    weights = new Uint8Array([...new Uint8Array(16), ...stored.rawData, 0, 0]);
    moveOut(stored, entries);
  });
  return { model, weights };
}

function moveOut(stored: TensorProto, entries: Readonly<Record<string, string>>): void {
  stored.rawData = new Uint8Array();
  stored.dataLocation = 1;
  stored.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
}

function save(location: string, entries: Readonly<Record<string, string>> = {}): string {
  const { model } = external({ location, offset: "16", length: "216", ...entries });
  const path = join(folder, "model.onnx");
  writeFileSync(path, model);
  return path;
}

const { weights } = external({});
writeFileSync(join(folder, "weights", "w.bin"), weights);
writeFileSync(join(root, "secret.bin"), weights);
symlinkSync(join(root, "secret.bin"), join(folder, "link.bin"));

describe("weights outside the file", () => {
  const tensors = (graph: ReturnType<typeof network>) => storedValues(graph).map(({ tensor }) => tensor);

  it("are read from a file in the model's folder", async () => {
    const graph = await readOnnxFile(save("weights/w.bin"));
    expect(tensors(graph)).toEqual(tensors(network()));
  });

  it("are found by whoever reads the bytes", () => {
    const { model, weights } = external({ location: "anything", offset: "16", length: "216" });
    const graph = readOnnx(model, { externalData: () => weights });
    expect(tensors(graph)).toEqual(tensors(network()));
  });

  const model = join(folder, "model.onnx");
  const what = `${model}: tensor "conv1.weight"`;
  const refused: [string, () => Promise<unknown>, string][] = [
    [
      "without a look-up",
      async () => readOnnx(external({ location: "w.bin" }).model),
      `ONNX file: tensor "conv1.weight" is stored outside the file, in "w.bin"; read the model with readOnnxFile, or save it with its weights in one file.`,
    ],
    [
      "above the folder",
      () => readOnnxFile(save("../secret.bin")),
      `${model}: external data "../secret.bin" lies outside the model's folder; put it beside the model.`,
    ],
    [
      "by an absolute path",
      () => readOnnxFile(save("/etc/passwd")),
      `${model}: external data "/etc/passwd" lies outside the model's folder; put it beside the model.`,
    ],
    [
      "behind a link",
      () => readOnnxFile(save("link.bin")),
      `${model}: external data "link.bin" is a link out of the model's folder; put the file itself beside the model.`,
    ],
    [
      "nowhere",
      () => readOnnxFile(save("none.bin")),
      `${model}: external data "none.bin" cannot be read (ENOENT); put it beside the model.`,
    ],
    [
      "behind the end",
      () => readOnnxFile(save("weights/w.bin", { offset: "20" })),
      `${what}: expected 216 bytes from byte 20 of "weights/w.bin", found a file of 234; download it again.`,
    ],
    [
      "too short",
      () => readOnnxFile(save("weights/w.bin", { length: "212" })),
      `${what} is float32 [3, 2, 3, 3]: expected 216 bytes, found 212; correct the model, or export it in another way.`,
    ],
    [
      "at no number",
      () => readOnnxFile(save("weights/w.bin", { offset: "-16" })),
      `${what}: expected a number of bytes for its place outside the file, found "-16"; correct the model, or export it in another way.`,
    ],
  ];
  it.each(refused)("are refused: %s", async (_, attempt, message) => {
    await expect(attempt()).rejects.toMatchObject({ code: "file", message });
  });
});
