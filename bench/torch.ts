import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SenetError } from "../src/base/errors.ts";

type Message = Readonly<Record<string, unknown>>;

/** A Python process that answers a line of JSON with a line of JSON (torch_step.py, torch_infer.py). */
export interface Torch {
  ask(message: Message): Promise<Message>;
  /** Lets it end when it has answered. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export function startTorch(python: string, script: "torch_infer.py" | "torch_step.py"): Torch {
  const child = spawn(python, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {}); // reported by the answer that does not come
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => {
    child.once("error", ({ message }) => {
      reject(new SenetError("usage", `--torch: ${python} does not start (${message}); name an interpreter.`));
    });
  });
  failed.catch(() => {}); // reported by the next request
  return {
    async ask(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) {
        throw new SenetError(
          "usage",
          `--torch: ${python} ended without an answer; install PyTorch and timm there.`,
        );
      }
      const answer = JSON.parse(value) as Message;
      if (answer.error !== undefined) throw new Error(`PyTorch: ${answer.error}`);
      return answer;
    },
    stop: () => child.stdin.end(),
    kill: () => child.kill(),
  };
}
