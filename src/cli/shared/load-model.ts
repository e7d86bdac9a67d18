import { imagesInput } from "../../analysis/images-input.ts";
import { defined } from "../../base/defined.ts";
import { SenetError, usageError } from "../../base/errors.ts";
import { isModelFile, whatLiesAt } from "../../files/is-model-file-node.ts";
import type { Graph, Value } from "../../ir/graph.ts";
import type { Dim } from "../../ir/shape.ts";
import { withFileName } from "../../onnx/malformed.ts";
import type { WeightsReport } from "../../weights/weights-report.ts";
import { applyWeights } from "./apply-weights.ts";
import type { FlagsOf } from "./define-command.ts";
import type { modelOptions, weightsOptions } from "./option-groups.ts";
import { type seOptions, sePlanOf } from "./se-options.ts";

/** Which network, and what is changed in it. What is absent is as the model's registry entry or file says. */
export type LoadOptions = Partial<FlagsOf<typeof modelOptions & typeof weightsOptions & typeof seOptions>> & {
  readonly batch?: number | string;
  readonly seed?: number;
  readonly json?: true;
};

/** A network by name or from a file. */
export interface LoadedModel {
  readonly graph: Graph;
  /** As the user gave it. */
  readonly name: string;
  readonly isFile: boolean;
  /** What became of the weights that the options name; none where they name none. */
  readonly report?: WeightsReport;
}

/**
 * Refuses `--classes` with a file, which has its own.
 *
 * @throws SenetError `usage`
 */
export function refuseClassesOf(file: string, classes: number | undefined): void {
  if (classes === undefined) return;
  throw usageError(
    `--classes works for a model given by name, found the file ${file}, which has its classes; leave it out.`,
  );
}

/**
 * What an argument means to commands that take files, runs and networks: a file, the name of a network, or a folder, in this order,
 * so that `./seresnet20` is needed for a folder of that name. Undefined when it is nothing of these.
 */
export async function kindOfArgument(text: string): Promise<"file" | "model" | "folder" | undefined> {
  if (isModelFile(text)) return "file";
  const { findModel } = await import("../../models/find-model.ts");
  return findModel(text) ? "model" : whatLiesAt(text);
}

/**
 * The network of a name in the registry, or of an `.onnx` file, with other weights where the options name some.
 *
 * @param nameOrFile a path when it ends in `.onnx` or a file lies there, otherwise a model's name
 * @throws SenetError `unknown-name` for a name that is not known; `file` for a file that cannot be read; `usage` for options
 * that do not fit, such as another size for a file whose size is fixed; `shape` for images too small for the network; `graph`
 * for another batch where the file builds its own into the network; `checkpoint`
 * for weights that do not fit it
 */
export async function loadModel(nameOrFile: string, options: LoadOptions): Promise<LoadedModel> {
  const isFile = isModelFile(nameOrFile);
  const graph = isFile ? await fromFile(nameOrFile, options) : await fromRegistry(nameOrFile, options);
  return { ...(await applyWeights(graph, options)), name: nameOrFile, isFile };
}

async function fromRegistry(name: string, options: LoadOptions): Promise<Graph> {
  const { classes, size, batch, seed } = options;
  const se = sePlanOf(options);
  const { createModel } = await import("../../models/create-model.ts");
  const { findModel } = await import("../../models/find-model.ts");
  const entry = findModel(name);
  if (!entry && whatLiesAt(name) === "folder") {
    throw new SenetError(
      "file",
      `${name}: expected a model's name or an .onnx file, found a folder; of a run, give its model.onnx.`,
    );
  }
  const input = size && entry ? ([entry.input[0], ...size] as const) : undefined;
  return createModel(name, defined({ classes, batch, seed, se, input }));
}

async function fromFile(file: string, options: LoadOptions): Promise<Graph> {
  const { classes, size, batch } = options;
  const { readOnnxFile } = await import("../../onnx/read-onnx-file-node.ts");
  const graph = await readOnnxFile(file);
  refuseClassesOf(file, classes);
  if (sePlanOf(options)) {
    throw usageError(
      `Options of SE blocks, such as --reduction, work for a model given by name, found the file ${file}; leave them out.`,
    );
  }
  const sized = size ? await withSize(file, graph, size) : graph;
  return batch === undefined ? sized : withBatch(file, sized, batch);
}

/** The network for images of another height and width, where it leaves them open. */
async function withSize(file: string, graph: Graph, size: readonly [number, number]): Promise<Graph> {
  const [, , ...sides] = imagesOf(file, graph).shape;
  const dims: Record<string, number> = {};
  for (const [i, what] of (["height", "width"] as const).entries()) {
    const dim = sides[i];
    // One symbol may stand for both.
    const fixed = typeof dim === "number" ? dim : dims[dim];
    if (fixed !== undefined && fixed !== size[i]) {
      throw usageError(
        `--size: the ${what}: expected ${fixed}, which ${file} fixes, found ${size[i]}; correct it.`,
      );
    }
    if (typeof dim === "string") dims[dim] = size[i];
  }
  const { bindDims } = await import("../../passes/graph/bind-dims.ts");
  return withFileName(`${file} with --size ${size.join("×")}`, () => bindDims(graph, dims));
}

/** The network for another number of images at once, or for any; a symbol may have any name. */
async function withBatch(file: string, graph: Graph, batch: Dim): Promise<Graph> {
  const [own] = imagesOf(file, graph).shape;
  if (own === batch || (typeof own === "string" && typeof batch === "string")) return graph;
  const { makeBatchDynamic } = await import("../../passes/graph/make-batch-dynamic.ts");
  const { bindDims } = await import("../../passes/graph/bind-dims.ts");
  const where = `${file} with --batch ${typeof batch === "string" ? "symbolic" : batch}`;
  return withFileName(where, () => {
    const free = makeBatchDynamic(graph);
    const [symbol] = imagesOf(file, free).shape;
    return typeof batch === "number" ? bindDims(free, { [symbol]: batch }) : free;
  });
}

/** The input that holds images: the first of four dimensions. */
function imagesOf(file: string, graph: Graph): Value {
  const found = imagesInput(graph);
  if (found) return found;
  throw usageError(
    `${file}: expected an input of images, N×C×H×W, to give another size or batch, found none; leave --size and --batch out.`,
  );
}
