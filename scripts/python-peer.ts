import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Python script beside this file that answers each line with a line. */
export function startPeer(python: string, script: string) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(python, [path], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      const { done, value } = await answers.next();
      if (done) throw new Error(`${script}: ${python} stopped at ${line}.`);
      return value;
    },
    stop: () => child.kill(),
  };
}
