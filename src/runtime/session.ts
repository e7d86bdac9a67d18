import type { Resource } from "../base/resource.ts";
import type { DType } from "../ir/dtype.ts";
import type { Graph, Value } from "../ir/graph.ts";
import type { Shape } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";

/** Microseconds of spinning: enough for the gap between two operators, too short to keep a core from other processes. */
export const BRIEFLY = 50;

/** How an engine prepares and runs a model. */
export interface SessionOptions {
  /** Threads that share one operator's work. Default: physical cores. */
  readonly threads?: number | undefined;
  /**
   * Whether idle threads wait in a busy loop: without limit, or for this many microseconds (a whole number). Default 50: one image
   * through SE-ResNet-50 takes 29.6 ms instead of 33.4, and no longer beside a busy process. A session that spins without limit burns a
   * core between runs, and takes it from data loading and other sessions (docs/performance.md).
   */
  readonly spinning?: boolean | number | undefined;
  /** How far the engine rewrites the graph before running it. Default `all`. */
  readonly optimize?: "all" | "extended" | "basic" | "none" | undefined;
  /** Writes a profile (JSON for chrome://tracing) to files whose name starts with this path, on `dispose`. */
  readonly profile?: string | undefined;
}

/** Name, element type and shape of an input or an output. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** The inputs and outputs of a graph, as a session of it has them. */
export function valuesOf({ inputs, outputs }: Graph): Pick<Session, "inputs" | "outputs"> {
  const info = (name: string, { dtype, shape }: Value): ValueInfo => ({ name, dtype, shape });
  return {
    inputs: inputs.map((value) => info(value.name ?? "", value)),
    outputs: outputs.map(({ name, value }) => info(name, value)),
  };
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A model loaded into an engine. */
export interface Session extends Resource {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /**
   * Runs the model once. `feeds` must hold every input. Outputs named in `into` are written into those tensors'
   * memory, which then are the very objects returned; the others are allocated.
   *
   * @throws SenetError `shape` when a tensor is missing, unknown, of another dtype or shape, or both fed and
   * written; `engine` when the engine fails or the session is disposed.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
}
