#!/usr/bin/env node
/** `node scripts/extract-chart.mjs REPORT.html CHART.svg`: the first chart of a report as a file of its own, for the README. */
import { readFileSync, writeFileSync } from "node:fs";

const [report, chart] = process.argv.slice(2);
if (!chart) {
  console.error("usage: node scripts/extract-chart.mjs REPORT.html CHART.svg");
  process.exit(2);
}
const [svg] = readFileSync(report, "utf8").match(/<svg\b.*?<\/svg>/s) ?? [];
if (!svg) {
  console.error(
    `${report}: expected a report with a chart, found none; make one with senet compare --report.`,
  );
  process.exit(1);
}
// Alone, the chart has no page to lend it colors.
const alone = svg.replace('style="', 'style="background:#fff;color:#1b1b1f;');
writeFileSync(chart, `${alone}\n`);
