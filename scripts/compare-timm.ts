/**
 * `npm run compare-timm -- PYTHON [MODEL …]`: the same random weights and images in timm (or torchvision) and here; prints how far
 * the logits are apart, relative to the largest, and exits with 1 where that is more than 1e-4. PYTHON has torch, timm,
 * torchvision and safetensors.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createModel } from "../src/models/create-model.ts";
import { registry } from "../src/models/registry.ts";
import { operatorTable } from "../src/ops/new-graph.ts";
import { withWeights } from "../src/passes/with-weights.ts";
import { executeGraph } from "../src/runtime/execute-graph-node.ts";
import { readSafetensorsFile } from "../src/weights/files-node.ts";

const TOLERANCE = 1e-4;

const [python, ...wanted] = process.argv.slice(2);
if (!python) {
  console.error("compare-timm: expected the Python interpreter that has timm; give its path.");
  process.exit(2);
}
const names = wanted.length > 0 ? wanted : peerNames();
const folder = mkdtempSync(join(tmpdir(), "senet-compare-"));
const peer = spawn(python, [fileURLToPath(new URL("timm_reference.py", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
let failures = 0;
try {
  for (const name of names) {
    const file = join(folder, `${name}.safetensors`);
    peer.stdin.write(`${name} ${file} ${registry[name].input[1]}\n`);
    if ((await answers.next()).done) throw new Error(`compare-timm: ${python} stopped at ${name}.`);
    const difference = await compare(name, file);
    rmSync(file);
    if (!(difference <= TOLERANCE)) failures++;
    console.log(
      `${name.padEnd(28)} ${difference.toExponential(1)}${difference <= TOLERANCE ? "" : "  DIFFERS"}`,
    );
  }
} finally {
  peer.kill();
  rmSync(folder, { recursive: true });
}
console.log(`${names.length - failures} of ${names.length} networks agree to ${TOLERANCE}.`);
process.exitCode = failures > 0 ? 1 : 0;

/** The networks that the goldens cover are those that peers have. */
function peerNames(): string[] {
  const file = new URL("../test/golden/models.json", import.meta.url);
  return Object.keys(JSON.parse(readFileSync(file, "utf8")).models);
}

/** Largest difference of the logits, as a share of the largest logit. */
async function compare(name: string, file: string): Promise<number> {
  const { tensors } = await readSafetensorsFile(file);
  const [images, expected] = [tensors.get("images"), tensors.get("logits")];
  if (!images || !expected) throw new Error(`compare-timm: ${file} holds no images and logits.`);
  const graph = withWeights(createModel(name), tensors);
  const { logits } = await executeGraph(graph, operatorTable, { images });
  const [ours, theirs] = [logits.data as Float32Array, expected.data as Float32Array];
  const scale = theirs.reduce((largest, logit) => Math.max(largest, Math.abs(logit)), 0);
  return theirs.reduce((largest, logit, i) => Math.max(largest, Math.abs(logit - ours[i])), 0) / scale;
}
