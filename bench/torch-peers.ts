import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SenetError } from "../src/base/errors.ts";
import { type Progress, whileWaiting } from "../src/cli/shared/progress.ts";
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

/**
 * The process of PyTorch's forms, where one is wanted.
 *
 * @throws SenetError `usage` when compiled forms are wanted of no interpreter
 */
export function openTorch({ torch, compiled }: TorchOptions, script: TorchForm["script"]): Torch | undefined {
  if (torch !== undefined) return startTorch(torch, script);
  if (!compiled) return undefined;
  throw new SenetError(
    "usage",
    "--compiled: expected --torch as well, found none; name an interpreter with PyTorch.",
  );
}

/** Networks for images of this size are those of torch_step.py, all other networks are timm's. */
const CIFAR_SIZE = 32;

/** A form of PyTorch's network, and the script that runs it. */
export interface TorchForm {
  readonly name: string;
  readonly script: "torch_infer.py" | "torch_step.py";
  readonly batch: number;
  /** What the script's `init` takes; see there. */
  readonly init: { readonly model: string; readonly compiled: boolean } & Readonly<Record<string, unknown>>;
}

/** PyTorch's network. A compiled one has a process of its own, that can be ended when it takes too long; the others share `shared`. */
export function torchStart(form: TorchForm, shared: Torch, options: TorchOptions, progress: Progress): Start {
  const { name, script, batch, init } = form;
  const id = `${name} ${batch}`;
  return [
    name,
    async (): Promise<Peer> => {
      const torch = init.compiled ? startTorch(options.torch ?? "", script) : shared;
      const command = script === "torch_step.py" ? "step" : "run";
      const times = async (count: number) => (await torch.ask({ cmd: command, id, count })).ms as number[];
      // Compiled at the first run, not before.
      const ready = torch.ask({ cmd: "init", id, batch, ...init }).then(() => times(1));
      try {
        const inTime = init.compiled ? within(options.compileLimit, ready) : ready;
        await whileWaiting(progress, `getting ${name} ready`, inTime);
      } catch (error) {
        if (torch !== shared) torch.kill();
        throw error;
      }
      return { name, batch, run: times, ...(torch !== shared && { stop: async () => torch.stop() }) };
    },
  ];
}

/** onnxruntime on what PyTorch exports. */
export function exportStart(
  images: Tensor,
  { model, threads }: { model: string; threads: number },
  torch: Torch,
  progress: Progress,
): Start {
  const [batch, , size] = images.shape;
  const source = size === CIFAR_SIZE ? "PyTorch" : "timm";
  const name = `onnxruntime on ${source}'s export`;
  return [
    name,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
      try {
        const path = join(folder, "peer.onnx");
        const exported = torch.ask({ cmd: "export", model, size, batch, path });
        await whileWaiting(progress, `exporting from ${source}`, exported);
        return await enginePeer(name, readFileSync(path), images, threads);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  ];
}

/** The result, or an error when it is not there within the limit. */
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
