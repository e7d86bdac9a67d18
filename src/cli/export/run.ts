import { usageError } from "../../base/errors.ts";
import { grouped, megabytes } from "../../base/format.ts";
import { type Graph, numbersIn, parametersOf } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import { writeOnnxChunks } from "../../onnx/write-onnx.ts";
import { type ValueInfo, valuesOf } from "../../runtime/session.ts";
import type { WeightsReport } from "../../weights/weights-report.ts";
import type { Run } from "../shared/define-command.ts";
import { loadModel } from "../shared/load-model.ts";
import { printJson, printText } from "../shared/print.ts";
import { checkOutput, writeModel } from "../shared/write-model.ts";
import type { command } from "./command.ts";

/** `senet export MODEL|FILE.onnx -o FILE.onnx`: writes the network, and says what was written. */
export const run: Run<typeof command> = async ([model], flags) => {
  const { out, force, opset, seed, weights, resetHead } = flags;
  if (out === undefined) {
    throw usageError("senet export: expected -o with the file to write, such as -o model.onnx.");
  }
  if (seed !== undefined && weights !== undefined && !resetHead) {
    throw usageError(
      `--seed names random weights, found --weights ${weights}, which leaves none random; leave it out.`,
    );
  }
  await checkOutput(out, force);
  const { graph, isFile, report } = await loadModel(model, flags);
  if (isFile && seed !== undefined) {
    throw usageError(
      `--seed works for a model given by name, found the file ${model}, which has its weights; leave it out.`,
    );
  }
  const bytes = writeOnnxChunks(graph, { opset });
  if (!(await writeModel(out, bytes))) return;
  const params = numbersIn(parametersOf(graph));
  if (flags.json) {
    return printJson({ model, file: out, bytes: bytes.byteLength, opset, params, ...valuesOf(graph) });
  }
  printText(
    `${out}: ${megabytes(bytes.byteLength)}, opset ${opset}, ${describePorts(graph)}, ${grouped(params)} parameters${originOf(isFile, seed, report)}`,
  );
};

/** Where the parameters come from, where the model's name does not say. */
function originOf(isFile: boolean, seed = 0, report?: WeightsReport): string {
  if (report) return ` (from ${report.source}${report.resetHead.length === 0 ? "" : ", a fresh classifier"})`;
  return isFile ? "" : ` (random, seed ${seed})`;
}

/** @example "images [N, 3, 32, 32] → logits [N, 10]" */
function describePorts(graph: Graph): string {
  const { inputs, outputs } = valuesOf(graph);
  const list = (side: readonly ValueInfo[]) =>
    side.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(", ");
  return `${list(inputs)} → ${list(outputs)}`;
}
