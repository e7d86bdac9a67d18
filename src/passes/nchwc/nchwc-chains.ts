import { type Graph, isFlowing, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isOp, type NodeOf, oneOf } from "../../ops/predicates.ts";

/** A convolution and what one kernel computes with it: activation(conv + sum). */
export interface NchwcChain {
  readonly conv: NodeOf<"Conv">;
  /** The node that adds a map to its output, and that map. */
  readonly sum: { readonly node: Node; readonly map: Value } | undefined;
  readonly activation: string;
  /** The last of the nodes, whose output the chain gives. */
  readonly last: Node;
}

/** Activations that the engine's kernel applies to its output. */
const isFusible = oneOf("Relu", "Sigmoid", "Tanh");

/** The convolutions of a graph that fit into blocks, each with the sum and the activation right after it; and why others do not. */
export function nchwcChains(
  graph: Graph,
  block: number,
): { readonly chains: readonly NchwcChain[]; readonly mismatches: ReadonlyMap<Node, string> } {
  const uses = usesOf(graph);
  const mismatches = new Map<Node, string>();
  const taken = new Set<Node>();
  const chains: NchwcChain[] = [];
  for (const conv of graph.nodes) {
    if (!isOp(conv, "Conv")) continue;
    const why = mismatch(conv, block, uses);
    if (why !== undefined) {
      mismatches.set(conv, why);
      continue;
    }
    const chain = chainOf(conv, uses, taken);
    if (uses.isOutput(chain.last.outputs[0])) {
      mismatches.set(conv, "the graph gives its output out");
      continue;
    }
    taken.add(chain.last);
    if (chain.sum) taken.add(chain.sum.node);
    chains.push(chain);
  }
  return { chains, mismatches };
}

function chainOf(conv: NodeOf<"Conv">, uses: Uses, taken: ReadonlySet<Node>): NchwcChain {
  let last: Node = conv;
  let sum: NchwcChain["sum"];
  let next = uses.onlyReader(conv.outputs[0]);
  if (next?.op === "Add" && !taken.has(next)) {
    const other = next.inputs.find((input) => input !== conv.outputs[0]);
    if (isFlowing(other) && formatShape(other.shape) === formatShape(conv.outputs[0].shape)) {
      sum = { node: next, map: other };
      last = next;
      next = uses.onlyReader(next.outputs[0]);
    }
  }
  if (!next || !isFusible(next)) return { conv, sum, activation: "", last };
  return { conv, sum, activation: next.op, last: next };
}

/** Why the engine's NCHWc convolution cannot compute a node, as a sentence without its full stop. */
function mismatch(
  { inputs: [, weight, bias], attrs: { group } }: NodeOf<"Conv">,
  block: number,
  uses: Uses,
): string | undefined {
  if (weight?.dtype !== "float32") return "its weights are not float32";
  const [filters, perGroup, height, width] = knownShape(weight);
  if (filters % block !== 0) return `its ${filters} filters are no multiple of ${block}`;
  if (bias && bias.role !== "computed" && !uses.isStored(bias)) return "its bias is fed";
  const isDepthwise = perGroup === 1 && group === filters;
  const isStored = uses.isStored(weight);
  const isComputed = weight.role === "computed";
  if (isDepthwise) {
    return isStored || (isComputed && height * width === 1) ? undefined : "its weights are not stored";
  }
  const wholeBlocks = perGroup % block === 0 && (filters / group) % block === 0;
  if (wholeBlocks && (isStored || (group === 1 && isComputed))) return undefined;
  if (group === 1 && perGroup < block && isStored) return undefined;
  return isStored
    ? `its ${perGroup} channels${group > 1 ? " a group" : ""} are no multiple of ${block}`
    : "its weights are not stored";
}
