import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Progress, whileWaiting } from "../src/cli/progress.ts";
import type { Tensor } from "../src/ir/tensor.ts";
import { enginePeer } from "./engine-peers.ts";
import type { Peer, Start } from "./peer.ts";
import { startTorch, type Torch } from "./torch.ts";

/** Which interpreter has PyTorch, and whether its compiled forms are wanted. */
export interface TorchOptions {
  readonly torch?: string;
  readonly compiled?: boolean;
  /** Seconds that compiling may take. */
  readonly compileLimit: number;
}

/** A form of PyTorch's network, and the script that runs it. */
export interface TorchForm {
  readonly name: string;
  readonly script: "torch_infer.py" | "torch_step.py";
  readonly batch: number;
  /** What the script's `init` takes; see there. */
  readonly init: { readonly model: string; readonly compiled: boolean } & Readonly<Record<string, unknown>>;
}

/** PyTorch's network in a process of its own, which ends with the peer. */
export function torchStart(form: TorchForm, options: TorchOptions, progress: Progress): Start {
  const { name, script, batch, init } = form;
  return [
    name,
    async (): Promise<Peer> => {
      const torch = startTorch(options.torch ?? "python3", script);
      const command = script === "torch_step.py" ? "step" : "run";
      const times = async (count: number) => (await torch.ask({ cmd: command, count })).ms as number[];
      // Compiled at the first run, not before.
      const ready = torch.ask({ cmd: "init", batch, ...init }).then(() => times(1));
      try {
        const limit = init.compiled ? options.compileLimit : undefined;
        await whileWaiting(
          progress,
          `getting ${name} ready`,
          limit === undefined ? ready : within(limit, ready),
        );
      } catch (error) {
        torch.kill();
        throw error;
      }
      return { name, batch, run: times, stop: async () => torch.stop() };
    },
  ];
}

/** onnxruntime on what PyTorch exports. */
export function exportStart(
  images: Tensor,
  { model, threads, python }: { model: string; threads: number; python: string },
  progress: Progress,
): Start {
  const name = "onnxruntime on timm's export";
  return [
    name,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
      const torch = startTorch(python, "torch_infer.py");
      try {
        const path = join(folder, "timm.onnx");
        const [batch, , size] = images.shape;
        await whileWaiting(progress, "exporting from timm", exported(torch, { model, size, batch, path }));
        return await enginePeer(name, readFileSync(path), images, threads);
      } finally {
        torch.stop();
        rmSync(folder, { recursive: true });
      }
    },
  ];
}

const exported = (torch: Torch, request: object) => torch.ask({ cmd: "export", ...request });

/** The result, or an error when it is not there after so many seconds. */
async function within<T>(seconds: number, result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not ready within ${seconds} s`)), 1000 * seconds);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
