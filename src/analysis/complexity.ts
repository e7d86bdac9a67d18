import { type Graph, parametersOf, statesOf, type Value } from "../ir/graph.ts";
import { type Kind, kinds } from "../ir/operator.ts";
import { withBatchOfOne } from "../passes/graph/bind-dims.ts";
import { matchSE } from "../passes/se/match-se.ts";
import { type ModuleCost, moduleTree } from "./module-tree.ts";
import { addCounts, type Counts, elementsOf, type NodeCost, nodeCosts } from "./node-cost.ts";
import { paperFlops } from "./paper-count.ts";
import { peakActivationBytes } from "./peak-memory.ts";

/** The totals of a network: what it holds and what one execution of it does. */
export interface ComplexityTotals extends Counts {
  /** Tracked numbers that no gradient changes: BatchNorm's running means and variances. */
  readonly statistics: number;
  /** What the SENet paper prints as FLOPs: MACs, one per element of residual sums, one per element that a squeeze reads. */
  readonly paperFlops: number;
  /** The most bytes of tensors, other than weights, that are alive at once. */
  readonly peakActivationBytes: number;
  /** The part in SE blocks. */
  readonly se: Counts;
  /** Number of SE blocks. */
  readonly seBlocks: number;
}

/** Totals, and where they come from. */
export interface Complexity extends ComplexityTotals {
  /** Every node, in the graph's order. */
  readonly nodes: readonly NodeCost[];
  /** Totals per kind of node; they add up to the whole. */
  readonly kinds: Readonly<Record<Kind, KindCost>>;
  /** The network as a tree of modules. */
  readonly tree: ModuleCost;
}

/** All nodes of one kind. */
export interface KindCost extends Counts {
  /** Number of nodes. */
  readonly nodes: number;
  /** The part in SE blocks. */
  readonly se: Counts;
}

/**
 * Counts parameters, arithmetic and memory of a graph. A symbolic batch (the first dimension of inputs) becomes 1, so the counts
 * are those of one image; a graph with a fixed batch is counted with that batch. No weight is read.
 *
 * SE blocks are known by their structure, see `matchSE`.
 *
 * @throws SenetError `unknown-name` for an operator that is not known, `shape` for images of symbolic size (`bindDims` gives one)
 * @example complexity(createModel("seresnet20")).macs // 40_815_872, of one 32×32 image
 */
export function complexity(graph: Graph): Complexity {
  const bound = withBatchOfOne(graph);
  const blocks = matchSE(bound);
  const nodes = nodeCosts(bound, new Set(blocks.flatMap((block) => block.nodes)));
  return {
    ...addCounts(nodes),
    parameters: numbers(parametersOf(bound)),
    statistics: numbers(statesOf(bound)),
    paperFlops: paperFlops(bound, blocks, nodes),
    peakActivationBytes: peakActivationBytes(bound),
    se: addCounts(nodes.filter((node) => node.se)),
    seBlocks: blocks.length,
    nodes,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, kindCost(nodes, kind)])) as Record<Kind, KindCost>,
    tree: moduleTree(nodes, graph.name),
  };
}

/** The totals alone, for tables and JSON. */
export function totalsOf({
  nodes: _nodes,
  kinds: _kinds,
  tree: _tree,
  ...totals
}: Complexity): ComplexityTotals {
  return totals;
}

function kindCost(nodes: readonly NodeCost[], kind: Kind): KindCost {
  const own = nodes.filter((node) => node.kind === kind);
  return { nodes: own.length, ...addCounts(own), se: addCounts(own.filter((node) => node.se)) };
}

function numbers(values: readonly Value[]): number {
  return values.reduce((total, value) => total + elementsOf(value, value.name ?? value.role), 0);
}
