import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../src/analysis/latency.ts";
import { createModel } from "../src/models/create-model.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { round } from "./round.ts";

interface Options {
  readonly model: string;
  readonly rounds: number;
  readonly torch?: string;
  readonly json?: boolean;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * From the shell to the first prediction: a fresh process that reads a model of random weights and one JPEG, by turns `senet predict`,
 * a bare script around onnxruntime-node that decodes nothing, and, where an interpreter is given, PyTorch with timm.
 */
export function benchPredict(image: string, { model, rounds, torch, json }: Options): void {
  const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
  try {
    const file = join(folder, "model.onnx");
    writeFileSync(file, writeOnnx(createModel(model)));
    const peers: Record<string, [program: string, args: string[]]> = {
      senet: [process.execPath, [here("../dist/cli/main.js"), "predict", file, image]],
      onnxruntimeAlone: [process.execPath, [here("./bare-onnxruntime.mjs"), file]],
      ...(torch !== undefined && { torch: [torch, [here("./torch_predict.py"), model, image]] }),
    };
    const times = new Map(Object.keys(peers).map((name) => [name, [] as number[]]));
    // The first round reads the programs from the disk; those that follow find them in memory.
    for (let i = 0; i <= rounds; i++) {
      for (const [name, [program, args]] of Object.entries(peers)) {
        const started = performance.now();
        execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
        if (i > 0) times.get(name)?.push(performance.now() - started);
      }
      if (!json) process.stderr.write(`round ${i} of ${rounds}\n`);
    }
    const medians = Object.fromEntries([...times].map(([name, ms]) => [`${name}Ms`, round(median(ms))]));
    const ratio = torch === undefined ? {} : { ratio: round(medians.senetMs / medians.torchMs) };
    process.stdout.write(`${JSON.stringify({ model, rounds, ...medians, ...ratio }, null, json ? 0 : 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
