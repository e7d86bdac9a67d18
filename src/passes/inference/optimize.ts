import { checkChoice, checkOptions } from "../../base/check-options.ts";
import type { Graph, Node } from "../../ir/graph.ts";
import { foldConstants } from "../graph/fold-constants.ts";
import type { Rewritten } from "../graph/rewrite.ts";
import { toNchwc } from "../nchwc/to-nchwc.ts";
import { earlySqueeze } from "./early-squeeze.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { globalPools } from "./global-pools.ts";
import { scaleByConvolution } from "./scale-by-convolution.ts";

/** Options of `optimize`. */
export interface OptimizeOptions {
  /**
   * Which SE blocks read the input of the convolution before them: those behind a 1×1 convolution (default), those behind a padded
   * 3×3 as well, or none.
   */
  readonly squeeze?: "pointwise" | "all" | "late";
  /**
   * Channels in a block of the engine's own layout, found by `probeBlock`, to make a graph for the machine at hand: it holds operators
   * internal to ONNX Runtime and runs only on processors with blocks of this size. Default: a graph that runs everywhere.
   */
  readonly block?: number | undefined;
  /** With `block`: whether gates may scale the filters of the convolution before (`scaleByConvolution`). Default true. */
  readonly scaleFilters?: boolean;
}

/** What became of one rule. */
export interface RuleReport extends Omit<Rewritten, "graph"> {
  readonly rule: string;
}

/** A graph that computes the same function faster. */
export interface Optimized {
  readonly graph: Graph;
  /** In the order in which the rules were applied. */
  readonly rules: readonly RuleReport[];
}

/**
 * The graph rewritten for inference, exactly: constants and dead nodes folded away, BatchNormalization folded into convolutions,
 * means as global pools, SE blocks that squeeze early; with `block`, also SE's scaling as convolutions, and
 * all maps in the engine's layout. What it computes differs only by rounding. Train the original graph.
 *
 * @throws SenetError `usage` for an option or a `squeeze` that does not exist
 * @example
 * const { graph, rules } = optimize(createModel("seresnet50"));
 * rules.map(({ rule, applied }) => `${rule}: ${applied.length}`); // "fold-batch-norm: 53", "early-squeeze: 16", …
 */
export function optimize(graph: Graph, options: OptimizeOptions = {}): Optimized {
  checkOptions("optimize", options, ["squeeze", "block", "scaleFilters"]);
  checkChoice("optimize: expected `squeeze`", options.squeeze ?? "pointwise", ["pointwise", "all", "late"]);
  let current = graph;
  const rules = inferencePipeline(options).map(([rule, rewrite]): RuleReport => {
    const { graph: next, applied, skipped } = rewrite(current);
    current = next;
    return { rule, applied, skipped };
  });
  return { graph: current, rules };
}

type Rule = readonly [name: string, rewrite: (graph: Graph) => Rewritten];

/** The rules in their order. */
function inferencePipeline(options: OptimizeOptions): readonly Rule[] {
  const { squeeze = "pointwise", block, scaleFilters = true } = options;
  const early: Rule = ["early-squeeze", (graph) => earlySqueeze(graph, { padded: squeeze === "all" })];
  return [
    ["fold-constants", foldedConstants],
    ["fold-batch-norm", foldBatchNorm],
    ["global-pools", globalPools],
    ...(squeeze === "late" ? [] : [early]),
    ...(block === undefined ? [] : nchwcRules(block, scaleFilters)),
  ];
}

function nchwcRules(block: number, scaleFilters: boolean): readonly Rule[] {
  return [
    ["scale-by-convolution", (graph) => scaleByConvolution(graph, { filters: scaleFilters })],
    ["nchwc-layout", (graph) => toNchwc(graph, block)],
  ];
}

/** `foldConstants`, with a report of what it removed. */
function foldedConstants(graph: Graph): Rewritten {
  const folded = foldConstants(graph);
  const left = new Map<string, number>();
  for (const node of folded.nodes) left.set(nameOf(node), (left.get(nameOf(node)) ?? 0) + 1);
  const applied = graph.nodes.map(nameOf).filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count <= 0;
  });
  return { graph: folded, applied, skipped: [] };
}

function nameOf({ scope, op }: Node): string {
  return scope === "" ? op : `${scope}/${op}`;
}
