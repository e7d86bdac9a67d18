/**
 * `npm run compare-timm -- PYTHON [--format FORMAT] [MODEL …]`: the same random weights and images in timm (or torchvision) and here;
 * the weights go through a file of the format safetensors (default), pth or pth-legacy, as `--weights` reads it. Prints how far the
 * logits are apart, relative to the largest, and exits with 1 where that is more than 1e-4 or the file and the network do not have
 * the same tensors. PYTHON has torch, timm, torchvision and safetensors.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tensorDifference } from "../src/analysis/tensor-difference.ts";
import type { Graph } from "../src/ir/graph.ts";
import { createModel } from "../src/models/create-model.ts";
import { registry } from "../src/models/registry.ts";
import { executeGraph } from "../src/runtime/execute-graph-node.ts";
import { readSafetensorsFile } from "../src/weights/formats/safetensors-file-node.ts";
import { loadWeights } from "../src/weights/load-weights.ts";
import { openWeights } from "../src/weights/open-weights-node.ts";
import { startPeer } from "./python-peer.ts";

const TOLERANCE = 1e-4;

const formats = ["safetensors", "pth", "pth-legacy"];

const {
  values: { format },
  positionals: [python, ...wanted],
} = parseArgs({ allowPositionals: true, options: { format: { type: "string", default: "safetensors" } } });
if (!python) {
  console.error("compare-timm: expected the Python interpreter that has timm; give its path.");
  process.exit(2);
}
if (!formats.includes(format)) {
  console.error(`compare-timm: --format: expected ${formats.join(", ")}, found "${format}"; correct it.`);
  process.exit(2);
}
const names = wanted.length > 0 ? wanted : peerNames();
const folder = mkdtempSync(join(tmpdir(), "senet-compare-"));
const peer = startPeer(python, "timm_reference.py");
let failures = 0;
try {
  for (const name of names) {
    const [weights, images] = [join(folder, name), join(folder, `${name}.images`)];
    await peer.ask(`${name} ${registry[name].input[1]} ${format} ${weights} ${images}`);
    const difference = await compare(name, weights, images);
    rmSync(weights);
    rmSync(images);
    if (!(difference <= TOLERANCE)) failures++;
    console.log(
      `${name.padEnd(28)} ${difference.toExponential(1)}${difference <= TOLERANCE ? "" : "  DIFFERS"}`,
    );
  }
} finally {
  peer.stop();
  rmSync(folder, { recursive: true });
}
console.log(
  `${names.length - failures} of ${names.length} networks agree to ${TOLERANCE} (weights as ${format}).`,
);
process.exitCode = failures > 0 ? 1 : 0;

/** The networks with golden files are those that timm or torchvision has. */
function peerNames(): string[] {
  const file = new URL("../test/golden/models.json", import.meta.url);
  return Object.keys(JSON.parse(readFileSync(file, "utf8")).models);
}

/** Largest difference of the logits, as a share of the largest logit. */
async function compare(name: string, weights: string, answers: string): Promise<number> {
  const { tensors } = await readSafetensorsFile(answers);
  const [images, expected] = [tensors.get("images"), tensors.get("logits")];
  if (!images || !expected) throw new Error(`compare-timm: ${answers} holds no images and logits.`);
  const graph = await load(name, weights);
  const { logits } = await executeGraph(graph, { images });
  return tensorDifference(expected, logits).relative;
}

/** The network with the file's weights, all of them and no others. */
async function load(name: string, path: string): Promise<Graph> {
  await using file = await openWeights(path);
  const { graph, report } = await loadWeights(createModel(name), file);
  const { unexpected, notes } = report;
  if (unexpected.length > 0) throw new Error(`compare-timm: ${name} has no ${unexpected.join(", ")}.`);
  if (notes.length > 0) throw new Error(`compare-timm: ${notes.join("; ")}.`);
  return graph;
}
