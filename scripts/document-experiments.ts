/**
 * `npx tsx scripts/document-experiments.ts FOLDER…`: writes the tables of finished experiments, each in a folder named as its preset, into
 * docs/experiments.md, and their first pictures beside it.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSection } from "./doc-section.ts";

const docs = new URL("../docs/", import.meta.url);
const extract = fileURLToPath(new URL("extract-chart.mjs", import.meta.url));

for (const folder of process.argv.slice(2)) {
  const preset = basename(folder);
  const table = readFileSync(join(folder, "results.txt"), "utf8").trim();
  const picture = `experiment-${preset}.svg`;
  const command = [
    process.execPath,
    extract,
    join(folder, "report.html"),
    fileURLToPath(new URL(picture, docs)),
  ];
  execFileSync(command[0], command.slice(1));
  const content = `\`\`\`\n$ npx senet ablate ${preset}\n${table}\n\`\`\`\n\n![Accuracy against MACs](${picture})`;
  writeSection(new URL("experiments.md", docs), preset, content);
}
