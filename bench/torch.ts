import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

type Message = Readonly<Record<string, unknown>>;

/** A Python process that answers a line of JSON with a line of JSON (torch_step.py, torch_infer.py). */
export interface Torch {
  ask(message: Message): Promise<Message>;
  stop(): void;
}

export function startTorch(python: string, script = "torch_step.py"): Torch {
  const child = spawn(python, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(new Error(`${python} does not start: ${error.message}`)));
  });
  return {
    async ask(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) throw new Error(`${python} ended without an answer; does it have PyTorch?`);
      const answer = JSON.parse(value) as Message;
      if (answer.error !== undefined) throw new Error(`PyTorch: ${answer.error}`);
      return answer;
    },
    stop: () => child.stdin.end(),
  };
}
