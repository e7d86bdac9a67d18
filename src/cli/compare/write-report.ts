import { basename } from "node:path";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { lineChart, type Series } from "../../report/line-chart.ts";
import { renderReport } from "../../report/report.ts";
import type { EpochRecord } from "../../train/epoch-record.ts";
import { type ComparedRun, type Comparison, comparisonTable } from "./comparison.ts";

/**
 * Writes a comparison as one HTML file: learning curves, the table, and how it was measured.
 *
 * @param command the command line that makes it again
 */
export async function writeReport(file: string, comparison: Comparison, command: string): Promise<void> {
  const { runs, measured, warnings } = comparison;
  const [{ config }] = runs;
  const { epochs, batch, optimizer, lr, schedule, seed } = config;
  const html = renderReport({
    title: `${runs.map(({ label }) => label).join(" and ")} on ${basename(config.data.path)}`,
    subtitle: `${epochs} epochs, batch ${batch}, ${optimizer} with learning rate ${lr}, ${schedule}, seed ${seed}`,
    charts: [
      lineChart(
        curves(runs, ({ test }) => 100 * test.top1),
        { title: "Test accuracy", xLabel: "epoch", yLabel: "top-1 accuracy (%)" },
      ),
      lineChart(
        curves(runs, ({ train }) => train.loss),
        { title: "Training loss", xLabel: "epoch", yLabel: "cross-entropy (nats)" },
      ),
    ],
    table: comparisonTable(runs),
    notes: [measured, ...warnings.map((warning) => `Note: ${warning}.`)],
    command,
  });
  await writeFileAtomic(file, [html]);
}

function curves(runs: readonly ComparedRun[], of: (record: EpochRecord) => number): Series[] {
  return runs.map(({ label, records }) => ({
    name: label,
    points: records.map((record) => [record.epoch, of(record)]),
  }));
}
