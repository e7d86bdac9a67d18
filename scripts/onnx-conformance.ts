/**
 * `tsx scripts/onnx-conformance.ts [FOLDER] [--write]`: runs the ONNX project's node tests (FOLDER, or where Debian's
 * `libonnx-testdata` puts them) and prints, for every operator that can be read, how many pass and why others do not. Exits with 1
 * when one fails. With `--write` the table goes into docs/import.md.
 */
import { existsSync } from "node:fs";
import { conformanceTable } from "../test/support/conformance-table.ts";
import { debianNodeTests, runNodeTests } from "../test/support/onnx-node-tests.ts";
import { writeSection } from "./doc-section.ts";

const folder = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? debianNodeTests;
if (!existsSync(folder)) {
  console.error(
    `onnx-conformance: ${folder} does not exist; install libonnx-testdata or give the folder "node" of ONNX's test data.`,
  );
  process.exit(2);
}
const results = await runNodeTests(folder);
const table = conformanceTable(results);
console.log(table);
for (const { name, reason } of results.filter(({ verdict }) => verdict === "failed")) {
  console.error(`${name} fails: ${reason}`);
  process.exitCode = 1;
}
if (process.argv.includes("--write")) {
  writeSection(new URL("../docs/import.md", import.meta.url), "conformance", table);
}
