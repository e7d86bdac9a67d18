import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a thread on a module of this package. In development modules are TypeScript: there a line of JavaScript first registers
 * `tsx` (which `--import tsx` does not do inside a thread of Node 20).
 *
 * @param beside `import.meta.url` of a module in the same folder
 * @param module its name without ending, one of package.json's `sideEffects`
 */
export function startWorker(beside: string, module: string, options: WorkerOptions): Worker {
  const typescript = beside.endsWith(".ts");
  const url = new URL(`./${module}.${typescript ? "ts" : "js"}`, beside);
  if (!typescript) return new Worker(url, { ...options, execArgv: [] });
  const tsx = import.meta.resolve("tsx/esm/api");
  const start = `import(${JSON.stringify(tsx)}).then(({ register }) => (register(), import(${JSON.stringify(url.href)})))`;
  return new Worker(start, { ...options, eval: true, execArgv: [] });
}
