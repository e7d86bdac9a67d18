import { statSync } from "node:fs";
import type { Option } from "commander";
import { SenetError } from "../errors.ts";
import type { Graph, Value } from "../ir/graph.ts";
import type { Dim } from "../ir/shape.ts";
import { option } from "./options.ts";
import { type ParseValue, whole } from "./values.ts";

/** What the options of `modelOptions` say. Absent: what the model's registry entry or file says. */
export interface LoadOptions {
  readonly classes?: number;
  /** Height and width of the images. */
  readonly size?: readonly [height: number, width: number];
  readonly batch?: number | string;
  /** Names the random initial weights of a model given by name. */
  readonly seed?: number;
}

/** A network by name or from a file. */
export interface LoadedModel {
  readonly graph: Graph;
  /** As the user gave it. */
  readonly name: string;
  readonly isFile: boolean;
}

/** The sides of the largest image that an option takes; beyond it lies a slip. */
const GREATEST_SIDE = 65_536;

/** `--classes` and `--size`, for commands that take a model's name or file. */
export function modelOptions(): Option[] {
  return [
    option("--size <n|HxW>", "height and width of the images", {
      parse: side("--size"),
      described: "the model's own",
    }),
    option("--classes <n>", "classes of the last layer, for a model given by name", {
      parse: whole("--classes", { min: 1, max: 1_000_000 }),
      described: "the model's own",
    }),
  ];
}

/** `224` or `224x192` as height and width. */
export function side(name: string): ParseValue<readonly [height: number, width: number]> {
  return (text) => {
    const [, height, width = height] = /^(\d{1,6})(?:[x×](\d{1,6}))?$/.exec(text) ?? [];
    const sides = [Number(height), Number(width)] as const;
    if (sides.every((length) => length >= 1 && length <= GREATEST_SIDE)) return sides;
    throw new SenetError(
      "usage",
      `${name}: expected a size such as 224 or 224x192 (height by width), each from 1 to ${GREATEST_SIDE}, found "${text}"; correct it.`,
    );
  };
}

/** Whether an argument means a file: it ends in `.onnx`, or a file lies there. */
export function isModelFile(nameOrFile: string): boolean {
  return nameOrFile.endsWith(".onnx") || kindOfPath(nameOrFile) === "file";
}

/** What lies at a path. */
export function kindOfPath(path: string): "file" | "folder" | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  return found.isDirectory() ? "folder" : "file";
}

/**
 * The network of a name in the registry, or of an `.onnx` file.
 *
 * @param nameOrFile a path when it ends in `.onnx` or a file lies there, otherwise a model's name
 * @throws SenetError `unknown-name` for a name that is not known; `file` for a file that cannot be read; `usage` for options
 * that do not fit, such as another size for a file whose size is fixed; `shape` for images too small for the network
 */
export async function loadModel(nameOrFile: string, options: LoadOptions): Promise<LoadedModel> {
  const isFile = isModelFile(nameOrFile);
  const graph = isFile ? await fromFile(nameOrFile, options) : await fromRegistry(nameOrFile, options);
  return { graph, name: nameOrFile, isFile };
}

async function fromRegistry(name: string, { classes, size, batch, seed }: LoadOptions): Promise<Graph> {
  const { createModel } = await import("../models/create-model.ts");
  const { findModel } = await import("../models/find-model.ts");
  const entry = findModel(name);
  if (!entry && kindOfPath(name) === "folder") {
    throw new SenetError(
      "file",
      `${name}: expected a model's name or an .onnx file, found a folder; of a run, give its model.onnx.`,
    );
  }
  return createModel(name, {
    ...(classes !== undefined && { classes }),
    ...(batch !== undefined && { batch }),
    ...(seed !== undefined && { seed }),
    ...(size && entry && { input: [entry.input[0], ...size] as const }),
  });
}

async function fromFile(file: string, { classes, size, batch }: LoadOptions): Promise<Graph> {
  const { decodeModel, readModel } = await import("./read-model.ts");
  const graph = decodeModel(file, await readModel(file));
  if (classes !== undefined) {
    throw new SenetError(
      "usage",
      `--classes works for a model given by name, found the file ${file}, which has its classes; leave it out.`,
    );
  }
  if (!size && batch === undefined) return graph;
  const [n, , height, width] = imagesOf(file, graph).shape;
  const dims: Record<string, number> = {};
  const bind = (what: string, dim: Dim, value: Dim) => {
    // One symbol may stand for several dimensions.
    const fixed = typeof dim === "number" ? dim : dims[dim];
    if (fixed !== undefined && fixed !== value) {
      throw new SenetError(
        "usage",
        `${what}: expected ${fixed}, which ${file} fixes, found ${value}; correct it.`,
      );
    }
    // A symbolic batch may have any name.
    if (typeof dim === "string" && typeof value === "number") dims[dim] = value;
  };
  if (batch !== undefined) bind("--batch", n, batch);
  if (size) {
    bind("--size: the height", height, size[0]);
    bind("--size: the width", width, size[1]);
  }
  const { bindDims } = await import("../passes/bind-dims.ts");
  return bindDims(graph, dims);
}

/** The input that holds images: the first of four dimensions. */
function imagesOf(file: string, { inputs }: Graph): Value {
  const found = inputs.find(({ shape }) => shape.length === 4);
  if (found) return found;
  throw new SenetError(
    "usage",
    `${file}: expected an input of images, N×C×H×W, to give another size or batch, found none; leave --size and --batch out.`,
  );
}
