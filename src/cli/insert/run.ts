import { imagesInput } from "../../analysis/images-input.ts";
import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";
import { grouped, megabytes, plural } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import { readDescription } from "../../models/describe-model.ts";
import { writeOnnxChunks } from "../../onnx/write-onnx.ts";
import { bindDims } from "../../passes/graph/bind-dims.ts";
import { type InsertedSE, insertSE } from "../../passes/se/insert-se.ts";
import { formatTable } from "../../report/text-table.ts";
import { largestDifference } from "../../runtime/largest-difference-node.ts";
import type { Run } from "../shared/define-command.ts";
import { loadModel } from "../shared/load-model.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress, whileWaiting } from "../shared/progress.ts";
import { sePlanOf } from "../shared/se-options.ts";
import { checkOutput, writeModel } from "../shared/write-model.ts";
import type { command } from "./command.ts";

/** How far outputs may be apart, as a share of the largest: rounding of another order of operations, and no more. */
const TOLERANCE = 1e-5;

/** Height and width of the images that are tried, where neither the network nor its description says one. */
const SIDE = 224;

/** `senet insert MODEL OUT.onnx`: writes the network with SE blocks, and says which, and how far its outputs are from the old ones. */
export const run: Run<typeof command> = async ([model, out], flags) => {
  const { place, where, stages, initial, force, threads, json } = flags;
  await checkOutput(out, force, model);
  const { classes, size, weights, resetHead, labelOrder, offline } = flags;
  const source = defined({ classes, size, weights, resetHead, labelOrder, offline, json });
  const { graph: plain } = await loadModel(model, source);
  const { stages: _stages, placement: _placement, ...se } = sePlanOf(flags) ?? {};
  // Errors name the file, which the user knows, not the network in it.
  const inserted = insertSE(
    { ...plain, name: model },
    { ...defined({ place, initial, where, stages }), ...se },
  );
  const { blocks } = inserted;
  const graph = { ...inserted.graph, name: plain.name };
  const progress = createProgress();
  const { relative: apart } = await whileWaiting(
    progress,
    "running both networks on random inputs",
    largestDifference({ ...withSides(plain), name: model }, graph, { threads }),
  );
  if (initial === "neutral" && !(apart <= TOLERANCE)) {
    throw new SenetError(
      "graph",
      `${model}: expected outputs within ${TOLERANCE} of the largest after the insertion, found a difference of ${apart.toExponential(1)}; nothing is written, please report it.`,
    );
  }
  const file = writeOnnxChunks(graph);
  if (!(await writeModel(out, file))) return;
  const bytes = file.byteLength;
  const parameters = blocks.reduce((sum, block) => sum + block.parameters, 0);
  if (json) return printJson({ model, file: out, bytes, parameters, difference: apart, blocks });
  printText(
    `${describeBlocks(blocks)}\n\n${out}: ${megabytes(bytes)}, ${plural(blocks.length, "SE block")} with ${grouped(parameters)} parameters`,
  );
  printText(
    `largest difference of the outputs on random inputs: ${apart === 0 ? "0" : apart.toExponential(1)} of the largest`,
  );
};

/** The network with numbers for all dimensions of its inputs but the batch: images have the sides that it recommends, else `SIDE`. */
function withSides(graph: Graph): Graph {
  const usual = readDescription(graph)?.input ?? [3, SIDE, SIDE];
  const images = imagesInput(graph);
  const dims = graph.inputs.flatMap((input) =>
    input.shape
      .slice(1)
      .flatMap((dim, axis) =>
        typeof dim === "string" ? [[dim, (input === images ? usual[axis] : undefined) ?? 1] as const] : [],
      ),
  );
  return bindDims(graph, Object.fromEntries(dims));
}

function describeBlocks(blocks: readonly InsertedSE[]): string {
  return formatTable(
    ["block", "stage", "channels", "parameters", "place", "balanced by"],
    blocks.map(({ name, stage, channels, parameters, reason, balancedBy }) => {
      return [name, stage, channels, grouped(parameters), reason, balancedBy];
    }),
  );
}
