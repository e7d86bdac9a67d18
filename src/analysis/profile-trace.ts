import { SenetError } from "../base/errors.ts";
import { median } from "./latency.ts";

/** One piece of work of the engine: a node of the graph as it runs after the engine has rewritten it. */
export interface Kernel {
  /** The node's name in the rewritten graph; may be empty. */
  readonly name: string;
  /** Its operator there, such as `Conv`, `FusedConv` or `ReorderOutput`. */
  readonly op: string;
  /** Of each run, in order. */
  readonly microseconds: number;
  /** Shape of the first output, where the profile has it. */
  readonly output: readonly number[];
}

/** What of a profile's event is read. */
interface TraceEvent {
  readonly cat?: unknown;
  readonly name?: unknown;
  readonly dur?: unknown;
  readonly args?: { readonly op_name?: unknown; readonly output_type_shape?: unknown };
}

const KERNEL_SUFFIX = "_kernel_time";

/**
 * The kernels of each run in a profile of ONNX Runtime (1.30): a JSON list of events for chrome://tracing, where those of
 * category `Node` whose name ends in `_kernel_time` are kernels, and one named `model_run` follows the kernels of each run.
 *
 * @returns one list a run, kernels in the order in which they ran
 * @throws SenetError `engine` for a text that is no such profile
 */
export function parseTrace(text: string): Kernel[][] {
  const runs: Kernel[][] = [];
  let run: Kernel[] = [];
  for (const event of readEvents(text)) {
    if (event.cat === "Session" && event.name === "model_run") {
      runs.push(run);
      run = [];
    } else if (event.cat === "Node") {
      const kernel = readKernel(event);
      if (kernel) run.push(kernel);
    }
  }
  if (runs.every(({ length }) => length === 0)) throw malformed("it has no kernels");
  return runs;
}

/**
 * The kernels of a run, each with its median time over all runs.
 *
 * @param runs of one session; kernels of one name (or none) are distinguished by their order
 */
export function medianKernels(runs: readonly (readonly Kernel[])[]): Kernel[] {
  const times = new Map<string, { kernel: Kernel; times: number[] }>();
  for (const run of runs) {
    const seen = new Map<string, number>();
    for (const kernel of run) {
      const name = `${kernel.op}\0${kernel.name}`;
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      const key = `${name}\0${count}`;
      const known = times.get(key);
      if (known) known.times.push(kernel.microseconds);
      else times.set(key, { kernel, times: [kernel.microseconds] });
    }
  }
  return [...times.values()].map(({ kernel, times }) => ({ ...kernel, microseconds: median(times) }));
}

function readEvents(text: string): readonly TraceEvent[] {
  let events: unknown;
  try {
    events = JSON.parse(text);
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  if (!Array.isArray(events)) throw malformed("it is not a list of events");
  return events.filter((event) => typeof event === "object" && event !== null);
}

function readKernel({ name, dur, args }: TraceEvent): Kernel | undefined {
  if (typeof name !== "string" || !name.endsWith(KERNEL_SUFFIX) || typeof dur !== "number") return undefined;
  return {
    name: name.slice(0, -KERNEL_SUFFIX.length),
    op: typeof args?.op_name === "string" ? args.op_name : "",
    microseconds: dur,
    output: firstShape(args?.output_type_shape),
  };
}

/** The dimensions in `[{ "float": [1, 64, 56, 56] }]`. */
function firstShape(types: unknown): readonly number[] {
  const [first] = Array.isArray(types) ? types : [];
  const [shape] = typeof first === "object" && first !== null ? Object.values(first) : [];
  return Array.isArray(shape) ? shape.filter((dim) => typeof dim === "number") : [];
}

function malformed(what: string, cause?: unknown): SenetError {
  return new SenetError(
    "engine",
    `The engine's profile: expected events as ONNX Runtime 1.30 writes them, but ${what}; install that version.`,
    { cause },
  );
}
