#!/usr/bin/env node
/**
 * `node scripts/make-walls.mjs`: writes `biome.walls.json`, the linter's import rules, from the order of folders below.
 * Biome has no rule for layers, only lists of what each set of files may not import, and a later list replaces an earlier one; so
 * every folder needs its whole list, twice: with and without Node.
 */
import { writeFileSync } from "node:fs";

/** A folder imports only from those before it. */
const folders = [
  "ir",
  "ops",
  "reference",
  "nn",
  "passes",
  "onnx",
  "models",
  "weights",
  "analysis",
  "runtime",
  "data",
  "predict",
  "train",
  "quantize",
  "report",
  "experiment",
  "cli",
]; // prettier-ignore

/** Libraries that one folder keeps to itself. */
const owners = {
  runtime: ["onnxruntime-node", "onnxruntime-web", "onnxruntime-common"],
  onnx: ["@bufbuild/protobuf", "onnx-buf"],
  data: ["sharp"],
  experiment: ["yaml"],
};

function walls(folder, mayUseNode) {
  const below = folders.slice(folders.indexOf(folder) + 1);
  const patterns = [];
  if (below.length > 0) {
    patterns.push({
      group: below.map((other) => `**/${other}/**`),
      message: `src/${folder}/ imports only from folders above it (ARCHITECTURE.md).`,
    });
  }
  for (const [owner, group] of Object.entries(owners)) {
    if (owner !== folder) patterns.push({ group, message: `${group[0]} is used only in src/${owner}/.` });
  }
  if (!mayUseNode) {
    const message =
      "Node's modules are used only in files named *-node.ts, src/runtime/node.ts and src/cli/.";
    patterns.push({ group: ["node:*"], message });
  }
  return { linter: { rules: { style: { noRestrictedImports: { level: "error", options: { patterns } } } } } };
}

const nodeFiles = (folder) => {
  if (folder === "cli") return ["src/cli/**/*.ts"];
  return [`src/${folder}/**/*-node.ts`, ...(folder === "runtime" ? ["src/runtime/node.ts"] : [])];
};

const overrides = folders.flatMap((folder) => [
  { includes: [`src/${folder}/**/*.ts`, "!**/*.test.ts"], ...walls(folder, false) },
  { includes: [...nodeFiles(folder), "!**/*.test.ts"], ...walls(folder, true) },
]);

writeFileSync(new URL("../biome.walls.json", import.meta.url), `${JSON.stringify({ overrides }, null, 1)}\n`);
