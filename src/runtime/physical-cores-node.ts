import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Cores this process may use, each counted once however many threads it runs: two threads of one core share
 * its arithmetic units, so more threads than cores only slow convolutions down. Where the system does not say
 * (anywhere but Linux), every processor counts as a core.
 */
export function physicalCores(cpuinfo: string = readCpuinfo()): number {
  const cores = new Set<string>();
  for (const processor of cpuinfo.split(/\n\s*\n/)) {
    const socket = /^physical id\s*: (\d+)/m.exec(processor)?.[1];
    const core = /^core id\s*: (\d+)/m.exec(processor)?.[1];
    if (socket !== undefined && core !== undefined) cores.add(`${socket}:${core}`);
  }
  const available = availableParallelism();
  return cores.size > 0 ? Math.min(cores.size, available) : available;
}

function readCpuinfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
