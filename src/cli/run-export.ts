import { stat } from "node:fs/promises";
import { SenetError } from "../errors.ts";
import { type Graph, parametersOf, type Value } from "../ir/graph.ts";
import { formatShape, sizeOf } from "../ir/shape.ts";
import { encodeOnnxChunks } from "../onnx/encode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { writeFileAtomic } from "../weights/files-node.ts";
import type { WeightsReport } from "../weights/weights-report.ts";
import type { ExportFlags } from "./flags.ts";
import { grouped, megabytes, percent } from "./format.ts";
import { catchInterrupt } from "./interrupt.ts";
import { loadModel } from "./load-model.ts";
import { printJson, printText } from "./print.ts";
import { createProgress } from "./progress.ts";

/** `senet export MODEL|FILE.onnx -o FILE.onnx`: writes the network, and says what was written. */
export async function exportModel(model: string, flags: ExportFlags): Promise<void> {
  const { out, opset, seed, weights, resetHead } = flags;
  if (out === undefined) {
    throw new SenetError("usage", "senet export: expected -o with the file to write, such as -o model.onnx.");
  }
  if (seed !== undefined && weights !== undefined && !resetHead) {
    throw new SenetError(
      "usage",
      `--seed names random weights, found --weights ${weights}, which leaves none random; leave it out.`,
    );
  }
  const { graph, isFile, report } = await loadModel(model, flags);
  if (isFile && seed !== undefined) {
    throw new SenetError(
      "usage",
      `--seed works for a model given by name, found the file ${model}, which has its weights; leave it out.`,
    );
  }
  const replaces = (await stat(out).catch(() => undefined)) !== undefined;
  const { byteLength, chunks } = encodeOnnxChunks(graph, operatorTable, { opset });
  if (!(await write(out, byteLength, chunks))) return;
  const params = parametersOf(graph).reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0);
  if (flags.json) {
    printJson({ model, file: out, bytes: byteLength, opset, params, ...ports(graph) });
  } else {
    printText(
      `${out}${replaces ? " (replaced)" : ""}: ${megabytes(byteLength)}, opset ${opset}, ${describePorts(graph)}, ${grouped(params)} parameters${originOf(isFile, seed, report)}`,
    );
  }
}

/** Where the parameters come from, where the model's name does not say. */
function originOf(isFile: boolean, seed = 0, report?: WeightsReport): string {
  if (report) return ` (from ${report.source}${report.resetHead.length === 0 ? "" : ", a fresh classifier"})`;
  return isFile ? "" : ` (random, seed ${seed})`;
}

/** @returns whether it was written, and not interrupted. */
async function write(file: string, byteLength: number, chunks: Iterable<Uint8Array>): Promise<boolean> {
  const progress = createProgress();
  const interrupt = catchInterrupt(() => progress.end());
  function* told(): Generator<Uint8Array> {
    let written = 0;
    for (const chunk of chunks) {
      // Thrown, so that the unfinished file is removed.
      interrupt.signal.throwIfAborted();
      progress.update(() => `writing ${file}: ${percent(written / byteLength)}`);
      yield chunk;
      written += chunk.length;
    }
  }
  try {
    await writeFileAtomic(file, told());
    return true;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.line(`interrupted; ${file} is as it was before`);
    process.exitCode = interrupt.exitCode;
    return false;
  } finally {
    progress.end();
    interrupt.release();
  }
}

function ports({ inputs, outputs }: Graph) {
  const port = (name: string | undefined, { dtype, shape }: Value) => ({ name, dtype, shape });
  return {
    inputs: inputs.map((value) => port(value.name, value)),
    outputs: outputs.map(({ name, value }) => port(name, value)),
  };
}

/** @example "images [N, 3, 32, 32] → logits [N, 10]" */
function describePorts(graph: Graph): string {
  const { inputs, outputs } = ports(graph);
  const list = (side: typeof inputs) =>
    side.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(", ");
  return `${list(inputs)} → ${list(outputs)}`;
}
