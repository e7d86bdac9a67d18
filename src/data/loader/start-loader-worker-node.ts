import { Worker } from "node:worker_threads";
import type { LoaderSources } from "./loader-protocol.ts";

/**
 * Starts the thread of a loader; it answers as loader-protocol.ts says. In development this module is TypeScript, and so is the worker: a line of JavaScript first registers `tsx`
 * (which `--import tsx` does not do inside a thread of Node 20).
 */
export function startLoaderWorker(sources: LoaderSources): Worker {
  const typescript = import.meta.url.endsWith(".ts");
  const url = new URL(`./loader-worker-node.${typescript ? "ts" : "js"}`, import.meta.url);
  if (!typescript) return new Worker(url, { workerData: sources, execArgv: [] });
  const tsx = import.meta.resolve("tsx/esm/api");
  const start = `import(${JSON.stringify(tsx)}).then(({ register }) => (register(), import(${JSON.stringify(url.href)})))`;
  return new Worker(start, { eval: true, workerData: sources, execArgv: [] });
}
