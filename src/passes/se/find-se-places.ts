import { type Graph, isFlowing, type Node, type Value } from "../../ir/graph.ts";
import { isOnePixel } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isChannelConcat, isOp, isWindowPool } from "../../ops/predicates.ts";
import { activationAfter } from "./activation-after.ts";
import { matchSE } from "./match-se.ts";

/** A map where an SE block may be put. */
export const placeKinds = ["residual", "concat", "conv", "depthwise"] as const;

/** One of `placeKinds`. */
export type PlaceKind = (typeof placeKinds)[number];

/** A map that an SE block may scale. */
export interface SEPlace {
  readonly kind: PlaceKind;
  readonly value: Value;
  /** The node that joins or computes it; its scope is the module's. */
  readonly at: Node;
  /** Why the map is a place, for the user. */
  readonly reason: string;
}

/**
 * Every map of a graph that an SE block may scale, by the structure of the network alone, in the graph's order. Files of other
 * programs may lack names, and have BatchNorm folded into convolutions.
 *
 * - `residual`: the branch that a sum joins with a shortcut, which has fewer convolutions (ResNet, inverted residuals), and
 *   the branch that a concatenation joins with its own input, possibly pooled (ShuffleNet's downsampling units, DenseNet's layers).
 *   The block stands behind the branch's last convolution, BatchNorm or activation, before a factor or a dropout.
 * - `concat`: the concatenation of three or more branches, none of them computed from another (Inception).
 * - `conv`: behind a convolution with its BatchNorm and activation (VGG); in networks with depthwise convolutions only behind the
 *   convolution that reads a depthwise one (MobileNet's units).
 * - `depthwise`: behind a depthwise convolution with its BatchNorm and activation (MobileNetV3, EfficientNet).
 *
 * Excluded are maps of one pixel, maps that have an SE block, and the inside of one.
 *
 * @example findSEPlaces(createModel("resnet18")).filter(({ kind }) => kind === "residual").length // 8
 */
export function findSEPlaces(graph: Graph): SEPlace[] {
  const blocks = matchSE(graph);
  const inBlocks = new Set(blocks.flatMap(({ nodes }) => nodes));
  const scaled = new Set(blocks.flatMap(({ scale }) => [...scale.inputs, ...scale.outputs]));
  const facts = factsOf(graph);
  const found = new Map<string, SEPlace>();
  const order = new Map(graph.nodes.map(({ outputs }, index) => [outputs[0], index]));
  for (const node of graph.nodes) {
    if (inBlocks.has(node)) continue;
    for (const rule of [residual, concatenation, convolution]) {
      const place = rule(node, facts);
      if (!place || !isMap(place.value) || scaled.has(place.value)) continue;
      if (facts.uses.isOutput(place.value)) continue;
      const key = `${place.kind} ${order.get(place.value)}`;
      if (!found.has(key)) found.set(key, place);
    }
  }
  return [...found.values()];
}

/** What the rules know of a graph. */
interface Facts {
  readonly uses: Uses;
  /** Convolutions on the longest way from an input. */
  readonly depth: ReadonlyMap<Value, number>;
  /** Position of the node that computes a value. */
  readonly order: ReadonlyMap<Value, number>;
  readonly hasDepthwise: boolean;
}

function factsOf(graph: Graph): Facts {
  const { nodes } = graph;
  const depth = new Map<Value, number>();
  const order = new Map<Value, number>();
  for (const [index, node] of nodes.entries()) {
    const deepest = Math.max(0, ...node.inputs.map((input) => (input && depth.get(input)) ?? 0));
    for (const output of node.outputs) {
      depth.set(output, deepest + (node.op === "Conv" ? 1 : 0));
      order.set(output, index);
    }
  }
  return { uses: usesOf(graph), depth, order, hasDepthwise: nodes.some(isDepthwise) };
}

/** float32 [N,C,H,W] of more than one pixel. */
function isMap({ shape, dtype }: Value): boolean {
  return dtype === "float32" && shape.length === 4 && typeof shape[1] === "number" && !isOnePixel(shape);
}

function residual(node: Node, facts: Facts): SEPlace | undefined {
  const join = joinOf(node, facts);
  if (!join) return undefined;
  const value = beforeFactors(join.branch);
  return { kind: "residual", value, at: node, reason: join.reason };
}

/** The deepest of what a node joins, where the rest is a shortcut. */
function joinOf(node: Node, facts: Facts): { branch: Value; reason: string } | undefined {
  const { depth } = facts;
  const joined = node.inputs.filter((input) => input !== null);
  if (joined.length < 2 || !joined.every(isFlowing)) return undefined;
  const depths = joined.map((value) => depth.get(value) ?? 0);
  const deepest = Math.max(...depths);
  const [branch, another] = joined.filter((_, i) => depths[i] === deepest);
  // Branches of the same depth are parallel.
  if (another) return undefined;
  const others = joined.filter((value) => value !== branch);
  if (isSum(node)) return { branch, reason: "residual branch before the sum with its shortcut" };
  if (!isChannelConcat(node) || !isComputedFrom(branch, others.map(beforePools), facts)) return undefined;
  return { branch, reason: "branch before the concatenation with what it was computed from" };
}

function isSum({ op, inputs, outputs: [sum] }: Node): boolean {
  if ((op !== "Add" && op !== "Sum") || inputs.length !== 2) return false;
  return inputs.every((input) => input?.shape.length === 4 && input.shape.join() === sum.shape.join());
}

function beforePools(value: Value): Value {
  const { producer } = value;
  const source = producer && isWindowPool(producer) ? producer.inputs[0] : null;
  return source ? beforePools(source) : value;
}

/** Whether all `sources` are on the way to `value`. */
function isComputedFrom(value: Value, sources: readonly Value[], { order }: Facts): boolean {
  const wanted = new Set(sources);
  const first = Math.min(...sources.map((source) => order.get(source) ?? -1));
  const seen = new Set<Value>();
  const open = [value];
  for (let next = open.pop(); next && wanted.size > 0; next = open.pop()) {
    if (seen.has(next) || (order.get(next) ?? -1) < first) continue;
    seen.add(next);
    wanted.delete(next);
    for (const input of next.producer?.inputs ?? []) if (isFlowing(input)) open.push(input);
  }
  return wanted.size === 0;
}

/** The map before what only multiplies it by something stored, or drops parts of it in training. */
function beforeFactors(value: Value): Value {
  const { producer } = value;
  if (!producer) return value;
  const computed = producer.inputs.filter(isFlowing);
  const passes = producer.op === "Mul" || producer.op === "Dropout" || producer.op === "Identity";
  const [source] = computed;
  return passes && source && computed.length === 1 ? beforeFactors(source) : value;
}

function concatenation(node: Node, facts: Facts): SEPlace | undefined {
  const { inputs, outputs } = node;
  const branches = [...new Set(inputs)].filter((input) => input !== null);
  if (!isChannelConcat(node) || branches.length < 3) return undefined;
  // GoogLeNet's exports split images into channels and concatenate them again.
  if (branches.filter((branch) => (facts.depth.get(branch) ?? 0) > 0).length < 2) return undefined;
  const fromAnother = branches.some((branch) =>
    branches.some((other) => other !== branch && isComputedFrom(branch, [other], facts)),
  );
  if (fromAnother) return undefined;
  return {
    kind: "concat",
    value: outputs[0],
    at: node,
    reason: `concatenation of ${branches.length} branches`,
  };
}

function convolution(node: Node, facts: Facts): SEPlace | undefined {
  if (node.op !== "Conv") return undefined;
  const depthwise = isDepthwise(node);
  if (!depthwise && facts.hasDepthwise && !readsDepthwise(node)) return undefined;
  const { value, at, names } = stackAfter(node, facts);
  const what = depthwise ? "depthwise convolution" : "convolution";
  return {
    kind: depthwise ? "depthwise" : "conv",
    value,
    at,
    reason: `behind a ${[what, ...names].join(", ")}`,
  };
}

/** A filter for each channel. */
function isDepthwise(node: Node): boolean {
  return isOp(node, "Conv") && node.attrs.group > 1 && node.attrs.group === node.inputs[0]?.shape[1];
}

/** Steps from a pointwise convolution back to the depthwise one: BatchNorm, an activation of a few operators, an SE block's product. */
const MAX_STEPS = 6;

function readsDepthwise({ inputs: [x] }: Node): boolean {
  let value: Value | null | undefined = x;
  for (let steps = 0; value && steps < MAX_STEPS; steps++) {
    const producer: Node | undefined = value.producer;
    if (!producer || (producer.op === "Conv" && !isDepthwise(producer))) return false;
    if (producer.op === "Conv") return true;
    value = producer.inputs.find(isFlowing);
  }
  return false;
}

/** The end of a convolution, its BatchNorm and its activation, and their names. */
function stackAfter(conv: Node, { uses }: Facts): { value: Value; at: Node; names: string[] } {
  let value = conv.outputs[0];
  let at = conv;
  const names: string[] = [];
  const [next, another] = uses.readersOf(value);
  if (next?.op === "BatchNormalization" && !another) {
    at = next;
    value = next.outputs[0];
    names.push("BatchNorm");
  }
  const activation = activationAfter(value, uses);
  if (activation) {
    at = activation;
    value = activation.outputs[0];
    names.push("activation");
  }
  return { value, at, names };
}
