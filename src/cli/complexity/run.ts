import {
  type ComparedRow,
  compareLastStage,
  comparePaper,
  type LastStageRemoval,
} from "../../analysis/paper-comparison.ts";
import { usageError } from "../../base/errors.ts";
import { grouped, millions, percent } from "../../base/format.ts";
import { formatTable } from "../../report/text-table.ts";
import type { Run } from "../shared/define-command.ts";
import { printJson, printText } from "../shared/print.ts";
import type { command } from "./command.ts";

/** `senet complexity --paper`: prints every figure of the paper beside ours. */
export const run: Run<typeof command> = async (_, { json, paper }) => {
  if (!paper) {
    throw usageError("senet complexity: expected --paper; `senet summary MODEL` counts one network.");
  }
  const rows = comparePaper();
  const lastStage = compareLastStage();
  if (json) return printJson({ rows, lastStage });
  const columns = ["table", "network", "GFLOPs", "ours", "", "params", "ours", ""];
  printText(formatTable(columns, rows.map(cells)));
  const reasons = rows.flatMap(({ name, reason }) => (reason ? [`  ${name}: ${reason}.`] : []));
  printText(`\n≠ where the last printed digit differs:\n${reasons.join("\n")}`);
  printText(
    "\nGFLOPs as the paper counts: 10⁹ MACs of convolutions and fully connected layers, one for each element of a residual sum, and\none for each element that a squeeze reads. Parameters with BatchNorm's running statistics, except in Table 3; no SE biases in Tables 3 to 16.",
  );
  printText(`\n${lastStageText(lastStage)}`);
};

function cells({ table, name, paper, ours, agrees }: ComparedRow): string[] {
  return [
    table,
    name,
    paper.gflops === null ? "–" : operations(paper.gflops),
    operations(ours.gflops, 4),
    mark(agrees.gflops),
    paper.params === null ? "–" : millions(paper.params, 1),
    millions(ours.params, 3),
    mark(agrees.params),
  ];
}

/** Below 1 G the paper prints whole millions. */
function operations(gflops: number, digits = 2): string {
  return gflops < 1 ? gflops.toFixed(digits === 2 ? 3 : digits) : gflops.toFixed(digits);
}

function mark(agrees: boolean | null): string {
  if (agrees === null) return "";
  return agrees ? "=" : "≠";
}

function lastStageText({ allWeights, weights, allShare, share, paper, agrees }: LastStageRemoval): string {
  return `Dropping the last stage's SE blocks of SE-ResNet-50 leaves ${grouped(weights)} of ${grouped(allWeights)} additional weights: ${percent(share)} of ResNet-50's
parameters instead of ${percent(allShare)} (paper: ${grouped(paper.weights)}, ${percent(paper.share)}${agrees ? "; the same" : ""}).`;
}
