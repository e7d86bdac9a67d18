import { SenetError } from "../base/errors.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { type Kind, kinds } from "../ir/operator.ts";
import { matchSE } from "../passes/se/match-se.ts";
import { complexity } from "./complexity.ts";
import type { NodeCost } from "./node-cost.ts";
import { isReorder, type OwnedKernel, ownKernels } from "./profile-owners.ts";
import { medianKernels, parseTrace } from "./profile-trace.ts";

/** Shares of the whole, each between 0 and 1. */
export interface Shares {
  /** Of the kernels' time. */
  readonly time: number;
  readonly macs: number;
  /** Of the bytes moved, as if each node ran alone. */
  readonly bytes: number;
}

/** Where an engine's time goes, beside what arithmetic and memory traffic would let one expect. */
export interface Profile {
  /** Sum of the kernels' medians, milliseconds. */
  readonly kernelMs: number;
  readonly kinds: readonly KindProfile[];
  readonly modules: readonly ModuleProfile[];
  readonly seBlocks: number;
  readonly seShare: SEShares;
}

/** The part of SE blocks, and what they cause around them: neither of the latter is in `time`. */
export interface SEShares extends Shares {
  /**
   * Share of time of the sums and activations between a block and the next layer that run as kernels of their own. Without the
   * block, the engine would fuse them into the convolution before.
   */
  readonly behind: number;
  /** Share of time of copies, to plain layout and back, of maps that the blocks or those sums and activations read or write. */
  readonly reorders: number;
}

/** `layout`: copies between plain and NCHWc layout. `engine`: work of the engine that is no node of the graph. */
export type ProfileKind = Kind | "layout" | "engine";

/** One kind of node's share of the whole. */
export interface KindProfile extends Shares {
  readonly kind: ProfileKind;
  /** Nodes of the graph. */
  readonly nodes: number;
  /** Kernels of the engine: fewer where it has fused nodes into those of other kinds. */
  readonly kernels: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** One module's share of the whole. */
export interface ModuleProfile extends Shares {
  /** Path of the module; the operator for a node outside of all; `layout (reorder)` and `engine` as the kinds of that name. */
  readonly module: string;
  readonly kernels: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** Options of `profileOf`. */
export interface ProfileOptions {
  /** Runs at the start of the trace that do not count. Default 0. */
  readonly warmup?: number;
  /** Levels of modules to distinguish, 2 for `layer1.0`. Default 2. */
  readonly depth?: number;
}

/**
 * Adds up ONNX Runtime's profile of a graph by module and by kind of node. The time of what the engine has fused is that of the
 * node that does the most: a convolution with BatchNorm and ReLU behind it counts as the convolution.
 *
 * @param graph as it was given to the engine, all dimensions known
 * @param trace the text of the profile's file, of runs of one session
 * @throws SenetError `engine` for a text that is no profile, `usage` for one of no more runs than `warmup`
 * @example profileOf(graph, readFileSync("trace.json", "utf8"), { warmup: 3 }).seShare.time // 0.12
 */
export function profileOf(
  graph: Graph,
  trace: string,
  { warmup = 0, depth = 2 }: ProfileOptions = {},
): Profile {
  const runs = parseTrace(trace);
  if (runs.length <= warmup) {
    throw new SenetError(
      "usage",
      `Profile: expected more runs in the trace than the ${warmup} that warm up, found ${runs.length}; run more often or lower warmup.`,
    );
  }
  const kernels = medianKernels(runs.slice(warmup));
  const owned = ownKernels(graph, kernels);
  const blocks = matchSE(graph);
  const costs = complexity(graph).nodes;
  const costOf = new Map(graph.nodes.map((node, i) => [node, costs[i]]));

  const total = sum(kernels.map(({ microseconds }) => microseconds));
  const share = sharesOf(total, costs);
  const inSE = new Set(blocks.flatMap(({ nodes }) => nodes));
  const ofSE = owned.filter(({ node }) => node && inSE.has(node));
  const after = behindSE(graph, inSE, (node) => costOf.get(node)?.kind);
  const ofAfter = owned.filter(({ node }) => node && after.has(node));
  const around = new Set([...inSE, ...after]);
  const atSE = owned.filter(({ reordered }) => reordered && touches(reordered, around));
  const seCosts = costs.filter(({ se }) => se);
  return {
    kernelMs: total / 1000,
    kinds: byKind(owned, costs, costOf, share),
    modules: byModule(owned, costs, costOf, share, depth),
    seBlocks: blocks.length,
    seShare: {
      ...share(ofSE, seCosts),
      behind: ratio(timeOf(ofAfter), total),
      reorders: ratio(timeOf(atSE), total),
    },
  };
}

type Share = (owned: readonly OwnedKernel[], costs: readonly NodeCost[]) => Shares;

function sharesOf(time: number, all: readonly NodeCost[]): Share {
  const macs = sum(all.map((cost) => cost.macs));
  const bytes = sum(all.map((cost) => cost.bytesMoved));
  return (owned, costs) => ({
    time: ratio(timeOf(owned), time),
    macs: ratio(sum(costs.map((cost) => cost.macs)), macs),
    bytes: ratio(sum(costs.map((cost) => cost.bytesMoved)), bytes),
  });
}

function byKind(
  owned: readonly OwnedKernel[],
  costs: readonly NodeCost[],
  costOf: ReadonlyMap<Node, NodeCost>,
  share: Share,
): KindProfile[] {
  const kindOf = ({ kernel, node }: OwnedKernel): ProfileKind =>
    isReorder(kernel) ? "layout" : ((node && costOf.get(node)?.kind) ?? "engine");
  return [...kinds, "layout" as const, "engine" as const].flatMap((kind) => {
    const ownKernels = owned.filter((one) => kindOf(one) === kind);
    const ownCosts = costs.filter((cost) => cost.kind === kind);
    if (ownKernels.length + ownCosts.length === 0) return [];
    return {
      kind,
      nodes: ownCosts.length,
      kernels: ownKernels.length,
      ms: timeOf(ownKernels) / 1000,
      ...share(ownKernels, ownCosts),
    };
  });
}

function byModule(
  owned: readonly OwnedKernel[],
  costs: readonly NodeCost[],
  costOf: ReadonlyMap<Node, NodeCost>,
  share: Share,
  depth: number,
): ModuleProfile[] {
  const moduleOf = ({ scope, op }: { scope: string; op: string }) =>
    scope === "" ? op : scope.split(".").slice(0, depth).join(".");
  const groups = new Map<string, { owned: OwnedKernel[]; costs: NodeCost[] }>();
  const group = (module: string) => {
    const found = groups.get(module) ?? { owned: [], costs: [] };
    groups.set(module, found);
    return found;
  };
  for (const cost of costs) group(moduleOf(cost)).costs.push(cost);
  for (const one of owned) {
    const cost = one.node && costOf.get(one.node);
    group(isReorder(one.kernel) ? "layout (reorder)" : cost ? moduleOf(cost) : "engine").owned.push(one);
  }
  return [...groups].map(([module, { owned, costs }]) => ({
    module,
    kernels: owned.length,
    ms: timeOf(owned) / 1000,
    ...share(owned, costs),
  }));
}

/** The sums and activations that read a block's result, directly or through one another. */
function behindSE(
  graph: Graph,
  inSE: ReadonlySet<Node>,
  kindOf: (node: Node) => ProfileKind | undefined,
): Set<Node> {
  const found = new Set<Node>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    if (inSE.has(node) || (kind !== "sum" && kind !== "activation")) continue;
    const reads = ({ producer }: Value) => producer && (inSE.has(producer) || found.has(producer));
    if (node.inputs.some((value) => value && reads(value))) found.add(node);
  }
  return found;
}

/** Whether some of the nodes compute a value or read it. */
function touches(value: Value, nodes: ReadonlySet<Node>): boolean {
  if (value.producer && nodes.has(value.producer)) return true;
  for (const { inputs } of nodes) if (inputs.includes(value)) return true;
  return false;
}

function timeOf(owned: readonly OwnedKernel[]): number {
  return sum(owned.map(({ kernel }) => kernel.microseconds));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
