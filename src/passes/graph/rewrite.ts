import type { Graph } from "../../ir/graph.ts";

/** A place that a rule skipped. */
export interface SkippedPlace {
  /** Path of the module, such as `layer1.0.se`, or the node's operator where it has none. */
  readonly where: string;
  /** A sentence without its full stop. */
  readonly why: string;
}

/** What a rule made of a graph, and where. */
export interface Rewritten {
  readonly graph: Graph;
  /** Where it applied: paths of modules. */
  readonly applied: readonly string[];
  /** Where it could have, but for something. */
  readonly skipped: readonly SkippedPlace[];
}
