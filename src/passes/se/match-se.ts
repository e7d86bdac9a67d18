import type { Graph, Node, Value } from "../../ir/graph.ts";
import { isOnePixel } from "../../ir/shape.ts";
import { isLayer, isOp, isWindowPool, type NodeOf, oneOf } from "../../ops/predicates.ts";
import { axesOf } from "../../ops/reduce-shape.ts";

/** A Squeeze-and-Excitation block found in a graph. */
export interface SEBlock {
  /** The product of the map and its gate. */
  readonly scale: Node;
  /** What is scaled, [N,C,H,W], and by what: [N,C,1,1], or larger in variants with more than one gate per channel. */
  readonly map: Value;
  readonly gate: Value;
  /** The node that pools the map to one number per channel, if one node does; none in variants with other squeezes, or without one. */
  readonly squeeze: Node | undefined;
  /** All nodes of the block in the graph's order, `squeeze` and `scale` included. */
  readonly nodes: readonly Node[];
  /** What the block looks at: the squeeze's map, usually the one that is scaled. */
  readonly input: Value;
  /** Channels of the map that is scaled. */
  readonly channels: number;
  /** The scope that all its nodes share, such as `layer1.0.se`; empty in a file without names. */
  readonly path: string;
}

/** Nodes between scale and squeeze that are looked at: real gates have less than twenty. It keeps the search linear. */
const MAX_GATE_NODES = 64;

/**
 * The SE blocks (arXiv 1709.01507, section 3) of a graph, found by what they compute and not by names: ours, and those in files
 * of other exporters.
 *
 * A block is a `Mul` of a map [N,C,H,W] with a gate [N,C,h,w], where everything that the gate depends on, through at least one
 * layer with weights, is
 *
 * - one squeeze of a map, not necessarily of the one that is scaled: a global pool, a mean over height and width, or a pooling window
 *   of the map's size. On the way there are only vectors, one per image ([N,C,1,1], [N,C], [N,1,C]); or
 * - the map that is scaled, in any way but by looking at a pixel's neighbors: the paper's NoSqueeze, and the squeezes of
 *   `squeezeExcite`. x·sigmoid(x), which is SiLU and has no weights, is not a block.
 *
 * A gate counts once: of several products with it the first, which in a differentiated graph is the forward one.
 *
 * @example matchSE(createModel("seresnet20")).map(({ path }) => path) // ["layer1.0.se", "layer1.1.se", …]
 */
export function matchSE(graph: Graph): SEBlock[] {
  const order = new Map(graph.nodes.map((node, index) => [node, index]));
  const gates = new Set<Value>();
  return graph.nodes.flatMap((scale) => {
    if (scale.op !== "Mul") return [];
    const [left, right] = scale.inputs;
    if (!left || !right) return [];
    const found = gatedBy(scale, left, right, order) ?? gatedBy(scale, right, left, order);
    const source = found && (spreadOf(found.gate)?.inputs[0] ?? found.gate);
    if (!source || gates.has(source)) return [];
    gates.add(source);
    return [found];
  });
}

/** The node by which some exporters repeat a gate over the map before they multiply. */
function spreadOf({ producer }: Value): Node | undefined {
  return producer?.op === "Expand" ? producer : undefined;
}

/** The block, if `scale` multiplies `map` with `gate`. */
function gatedBy(
  scale: Node,
  map: Value,
  gate: Value,
  order: ReadonlyMap<Node, number>,
): SEBlock | undefined {
  const channels = map.shape[1];
  if (map.shape.length !== 4 || typeof channels !== "number") return undefined;
  const spread = spreadOf(gate);
  const source = spread?.inputs[0] ?? gate;
  const path = pathToSqueeze(source, map, order) ?? pathToMap(source, map, order);
  if (!path) return undefined;
  const nodes = [...path.nodes, ...(spread ? [spread] : []), scale];
  nodes.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  const { squeeze, input } = path;
  return { scale, map, gate, squeeze, nodes, input, channels, path: commonScope(nodes) };
}

interface GatePath {
  readonly nodes: ReadonlySet<Node>;
  readonly squeeze: Node | undefined;
  readonly input: Value;
}

/** One number for each image and channel of the map. */
function isGateFor({ shape }: Value, map: Value): boolean {
  return isOnePixel(shape) && shape[0] === map.shape[0] && shape[1] === map.shape[1];
}

/** Everything the gate depends on, back to the one squeeze; undefined when it depends on anything else. */
function pathToSqueeze(gate: Value, map: Value, order: ReadonlyMap<Node, number>): GatePath | undefined {
  if (!isGateFor(gate, map)) return undefined;
  const nodes = new Set<Node>();
  let squeeze: Node | undefined;
  let layers = 0;
  const open: Value[] = [gate];
  for (let value = open.pop(); value; value = open.pop()) {
    if (isWeight(value)) {
      addReader(nodes, value);
      continue;
    }
    const node = value.producer;
    if (!node || !order.has(node)) return undefined;
    if (nodes.has(node)) continue;
    nodes.add(node);
    if (isSqueeze(node)) {
      if (squeeze) return undefined;
      squeeze = node;
      continue;
    }
    if (!isVector(value) || nodes.size > MAX_GATE_NODES) return undefined;
    if (hasWeight(node)) layers++;
    for (const input of node.inputs) if (input) open.push(input);
  }
  const input = squeeze?.inputs[0];
  if (!input || layers === 0) return undefined;
  // Where the map itself is 1×1, only the source shows which operand is the gate.
  return isVector(map) && input !== map ? undefined : { nodes, squeeze, input };
}

/** At most one dimension of an image's part is not 1. */
function isVector({ shape }: Value): boolean {
  return shape.slice(1).filter((dim) => dim !== 1).length <= 1;
}

function hasWeight(node: Node): boolean {
  return isLayer(node) && node.inputs.slice(0, 2).some((input) => input && isWeight(input));
}

/** Whether a value is a weight or a constant, perhaps in another form: exporters turn weights, and give biases other shapes. */
function isWeight(value: Value | null): boolean {
  let source = value;
  for (let steps = 0; source && !source.tensor && steps < MAX_GATE_NODES; steps++) {
    const { producer }: Value = source;
    if (!producer || !isForm(producer)) return false;
    if (producer.op === "Mul" && !producer.inputs[1]?.tensor) return false;
    source = producer.inputs[0];
  }
  return source?.tensor !== undefined;
}

/** What reads an integer weight back belongs to the block as the weight does. */
function addReader(nodes: Set<Node>, { producer }: Value): void {
  if (producer?.op === "DequantizeLinear") nodes.add(producer);
}

const isForm = oneOf(
  ...(["Cast", "DequantizeLinear", "Expand", "Flatten", "Identity", "Mul"] as const),
  ...(["Reshape", "Squeeze", "Transpose", "Unsqueeze"] as const),
);

const isGlobalPool = oneOf("GlobalAveragePool", "GlobalMaxPool");
const isReduction = oneOf("ReduceMean", "ReduceMax");

/** Whether a node pools each channel of a map [N,C,H,W] to one number. */
function isSqueeze(node: Node): boolean {
  const [map] = node.inputs;
  if (map?.shape.length !== 4) return false;
  if (isGlobalPool(node)) return true;
  if (isReduction(node)) return axesOf(node).join() === "2,3";
  const [pooled] = node.outputs;
  if (!isWindowPool(node) || !isOnePixel(pooled.shape)) return false;
  const { kernel_shape: window, pads } = node.attrs;
  // A window that begins in the padding misses the last pixels.
  return pads.every((pad) => pad === 0) && window[0] === map.shape[2] && window[1] === map.shape[3];
}

/** What makes a gate of an excitation; without one of these a product is only bilinear. */
const isNonLinear = oneOf("Sigmoid", "HardSigmoid", "Tanh", "Relu", "Softmax", "Clip");

/**
 * Everything the gate depends on, back to the map itself: several squeezes, grids, windows, the whole map, or none (NoSqueeze).
 * Undefined when it depends on anything else, or looks at a pixel's neighbors without pooling.
 */
function pathToMap(gate: Value, map: Value, order: ReadonlyMap<Node, number>): GatePath | undefined {
  const fits = gate.shape.length === 4 && gate.shape[0] === map.shape[0] && gate.shape[1] === map.shape[1];
  if (!fits || gate === map) return undefined;
  const nodes = new Set<Node>();
  let layers = 0;
  const open: Value[] = [gate];
  for (let value = open.pop(); value; value = open.pop()) {
    if (value === map) continue;
    if (isWeight(value)) {
      addReader(nodes, value);
      continue;
    }
    const node = value.producer;
    if (!node || !order.has(node) || nodes.size > MAX_GATE_NODES) return undefined;
    if (nodes.has(node)) continue;
    nodes.add(node);
    if (hasWeight(node)) layers++;
    if (isOp(node, "Conv") && looksAround(node, map)) return undefined;
    for (const input of node.inputs) if (input) open.push(input);
  }
  const isBlock = layers > 0 && [...nodes].some(isNonLinear);
  return isBlock ? { nodes, squeeze: undefined, input: map } : undefined;
}

/** Whether a convolution keeps the size of the map and combines several of its pixels into each. */
function looksAround({ attrs, outputs: [y] }: NodeOf<"Conv">, map: Value): boolean {
  const sameSize = y.shape[2] === map.shape[2] && y.shape[3] === map.shape[3];
  return sameSize && !isOnePixel(y.shape) && attrs.kernel_shape.some((side) => side !== 1);
}

/** The longest path that begins the scopes of all. */
function commonScope(nodes: readonly Node[]): string {
  let [shared = [], ...others] = nodes.map(({ scope }) => scope.split("."));
  for (const scope of others) {
    const end = shared.findIndex((part, i) => part !== scope[i]);
    if (end >= 0) shared = shared.slice(0, end);
  }
  return shared.join(".");
}
