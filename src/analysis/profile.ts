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

/** A part of the graph and its share of the whole. */
export interface PartProfile extends Shares {
  /** Kernels of the engine: fewer than nodes where it has fused some into those of other parts. */
  readonly kernels: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** All nodes of one kind. */
export interface KindProfile extends PartProfile {
  readonly kind: ProfileKind;
  /** Nodes of the graph. */
  readonly nodes: number;
}

/** One module. */
export interface ModuleProfile extends PartProfile {
  /** Path of the module; the operator for a node outside of all; `layout (reorder)` and `engine` as the kinds of that name. */
  readonly module: string;
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
 * node that does the most: a convolution with BatchNorm and ReLU after it counts as the convolution.
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
  const owned = ownKernels(graph, medianKernels(runs.slice(warmup)));
  const blocks = matchSE(graph);
  const costs = complexity(graph).nodes;
  const costOf = new Map(graph.nodes.map((node, i) => [node, costs[i]]));
  const whole: Part = { owned, costs };

  const inSE = new Set(blocks.flatMap(({ nodes }) => nodes));
  const after = behindSE(graph, inSE, (node) => costOf.get(node)?.kind);
  const around = new Set([...inSE, ...after]);
  const within = (nodes: ReadonlySet<Node>) => owned.filter(({ node }) => node && nodes.has(node));
  const reorders = owned.filter(({ reordered }) => reordered && touches(reordered, around));
  const kindOf = ({ kind }: NodeCost) => kind;
  const moduleOf = ({ scope, op }: NodeCost) =>
    scope === "" ? op : scope.split(".").slice(0, depth).join(".");
  const byKind = partsOf<ProfileKind>(whole, costOf, kindOf, "layout");
  return {
    kernelMs: timeOf(whole) / 1000,
    kinds: [...kinds, "layout" as const, "engine" as const].flatMap((kind) => {
      const part = byKind.get(kind);
      return part ? [{ kind, nodes: part.costs.length, ...profileOfPart(part, whole) }] : [];
    }),
    modules: [...partsOf(whole, costOf, moduleOf, "layout (reorder)")].map(([module, part]) => ({
      module,
      ...profileOfPart(part, whole),
    })),
    seBlocks: blocks.length,
    seShare: {
      ...sharesOf({ owned: within(inSE), costs: costs.filter(({ se }) => se) }, whole),
      behind: ratio(timeOf({ owned: within(after) }), timeOf(whole)),
      reorders: ratio(timeOf({ owned: reorders }), timeOf(whole)),
    },
  };
}

/** Kernels, and the costs of nodes. */
interface Part {
  readonly owned: readonly OwnedKernel[];
  readonly costs: readonly NodeCost[];
}

/** What is alike in something: nodes first, in their order, then what only the engine does. */
function partsOf<T extends string>(
  { owned, costs }: Part,
  costOf: ReadonlyMap<Node, NodeCost>,
  nameOf: (cost: NodeCost) => T,
  layout: T,
): ReadonlyMap<T | "engine", Part> {
  const parts = new Map<T | "engine", { owned: OwnedKernel[]; costs: NodeCost[] }>();
  const part = (name: T | "engine") => {
    const found = parts.get(name) ?? { owned: [], costs: [] };
    parts.set(name, found);
    return found;
  };
  for (const cost of costs) part(nameOf(cost)).costs.push(cost);
  for (const one of owned) {
    const cost = one.node && costOf.get(one.node);
    part(isReorder(one.kernel) ? layout : cost ? nameOf(cost) : "engine").owned.push(one);
  }
  return parts;
}

function profileOfPart(part: Part, whole: Part): PartProfile {
  return { kernels: part.owned.length, ms: timeOf(part) / 1000, ...sharesOf(part, whole) };
}

function sharesOf(part: Part, whole: Part): Shares {
  const share = (of: (cost: NodeCost) => number) => ratio(sum(part.costs.map(of)), sum(whole.costs.map(of)));
  return {
    time: ratio(timeOf(part), timeOf(whole)),
    macs: share(({ macs }) => macs),
    bytes: share(({ bytesMoved }) => bytesMoved),
  };
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
  const computed = value.producer !== undefined && nodes.has(value.producer);
  return computed || [...nodes].some(({ inputs }) => inputs.includes(value));
}

function timeOf({ owned }: Pick<Part, "owned">): number {
  return sum(owned.map(({ kernel }) => kernel.microseconds));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
