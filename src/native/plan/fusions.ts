import type { Graph, Node, Value } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import type { Uses } from "../../ir/uses.ts";
import type { ConvAttrs } from "../../ops/conv-shape.ts";
import { isOp } from "../../ops/predicates.ts";
import { isMap, isPooled } from "./planner.ts";
import { type Step, stepOf } from "./steps.ts";

/** An element-wise node and what it does. */
export interface ChainLink {
  readonly node: Node;
  readonly step: Step;
}

/** Which nodes are computed together. */
export interface Fusions {
  /** Nodes that are computed with another. */
  readonly within: ReadonlySet<Node>;
  /** By the last node of a chain of element-wise ones: all of it, in order. */
  readonly chains: ReadonlyMap<Node, readonly ChainLink[]>;
  /** By a layer on vectors: the functions of one number that follow it. */
  readonly epilogues: ReadonlyMap<Node, readonly ChainLink[]>;
  /** By a BatchNorm: its ReLU; and by its gradient, the ReLU's gradient. */
  readonly relus: ReadonlyMap<Node, Node>;
  /** By a convolution's weight gradient: the sums that are its bias's gradient. */
  readonly biases: ReadonlyMap<Node, Node>;
}

/** Most steps after the first that one primitive takes. */
const LONGEST = 8;

/**
 * Finds what oneDNN computes in one primitive: BatchNorm with its ReLU, forward and backward; a convolution's gradients of weight
 * and bias; layers on vectors with the activation behind them; runs of element-wise nodes of which each is read by the next alone, such as
 * gate · map + shortcut and ReLU.
 */
export function findFusions(graph: Graph, uses: Uses): Fusions {
  const within = new Set<Node>();
  const relus = new Map<Node, Node>();
  const biases = new Map<Node, Node>();
  const epilogues = new Map<Node, readonly ChainLink[]>();
  const chains = new Map<Node, readonly ChainLink[]>();
  for (const node of graph.nodes) {
    if (isOp(node, "BatchNormTrain")) fuseRelu(node, uses, relus, within);
    if (isOp(node, "ConvGradWeight")) fuseBias(node, uses, biases, within);
  }
  for (const node of graph.nodes) {
    if (!isVectorLayer(node)) continue;
    const links: ChainLink[] = [];
    linksAfter(node.outputs[0], uses, (link) => {
      const fits = link.step.kind === "curves" && areDifferent([...links, link]);
      if (fits) links.push(link);
      return fits;
    });
    if (links.length > 0) epilogues.set(node, links);
    for (const link of links) within.add(link.node);
  }
  for (const node of graph.nodes) {
    const step = within.has(node) ? undefined : stepOf(node, uses);
    if (step === undefined) continue;
    const first = { node, step };
    const links = [first, ...linksAfter(node.outputs[0], uses, ({ node }) => !within.has(node))];
    for (const link of links) within.add(link.node);
    chains.set(links[links.length - 1].node, links);
  }
  return { within, chains, epilogues, relus, biases };
}

/** The ReLU behind a BatchNorm, if the gradients of both can be fused as well, as the mask is known to the fused form alone. */
function fuseRelu(norm: Node, uses: Uses, relus: Map<Node, Node>, within: Set<Node>): void {
  const [y, mean] = norm.outputs;
  const relu = uses.onlyReader(y);
  if (!isOp(relu, "Relu") || !isMap(y)) return;
  const masks = uses.readersOf(relu.outputs[0]).filter((node) => isOp(node, "ReluGrad"));
  const grads = uses.readersOf(mean).filter((node) => isOp(node, "BatchNormGrad"));
  if (masks.length > 1 || grads.length !== masks.length) return;
  const [[mask], [grad]] = [masks, grads];
  if (mask && (mask.inputs[1] !== relu.outputs[0] || uses.onlyReader(mask.outputs[0]) !== grad)) return;
  relus.set(norm, relu);
  within.add(relu);
  if (!mask) return;
  relus.set(grad, mask);
  within.add(mask);
}

function fuseBias(node: Node, uses: Uses, biases: Map<Node, Node>, within: Set<Node>): void {
  const [, dy] = node.inputs;
  if (!dy || !isMap(dy)) return;
  const sums = uses.readersOf(dy).find((reader) => isBiasGradient(reader, uses) && !within.has(reader));
  if (sums === undefined) return;
  biases.set(node, sums);
  within.add(sums);
}

/** Sums over all but the channels. */
function isBiasGradient(node: Node, uses: Uses): boolean {
  const [x, axes] = node.inputs;
  if (!isOp(node, "ReduceSum") || node.attrs.keepdims !== 0 || x?.shape.length !== 4) return false;
  if (!uses.isStored(axes)) return false;
  const named = Array.from(axes.tensor.data as ArrayLike<number | bigint>, (axis) => (Number(axis) + 4) % 4);
  return String(named.toSorted()) === "0,2,3";
}

function isVectorLayer(node: Node): boolean {
  if (isOp(node, "Conv")) return isVectorProduct(node.attrs, node.inputs[0], node.outputs[0]);
  return isOp(node, "Gemm") && node.attrs.alpha === 1;
}

/**
 * Whether a convolution is a product of matrices: of vectors [N,C,1,1] by a kernel of one pixel.
 *
 * @param x of the convolution itself, and `y` its result
 */
export function isVectorProduct(
  { group, kernel_shape, pads }: ConvAttrs,
  x: Value | null | undefined,
  y: Value | null | undefined,
): boolean {
  const isPlain = group === 1 && kernel_shape.every((size) => size === 1) && pads.every((pad) => pad === 0);
  return isPlain && !!x && !!y && isPooled(x) && isPooled(y);
}

/** Whether no function of one number stands twice: oneDNN 2.6 would use the constants of one for both. */
function areDifferent(links: readonly ChainLink[]): boolean {
  const names = links.flatMap(({ step }) =>
    step.kind === "curves" ? step.curves.map(({ alg }) => alg) : [],
  );
  return new Set(names).size === names.length;
}

/** Element-wise nodes of which each alone reads the one before and gives a result of the same sizes. */
function linksAfter(from: Value, uses: Uses, accepts: (link: ChainLink) => boolean): ChainLink[] {
  const links: ChainLink[] = [];
  let value = from;
  while (links.length < LONGEST) {
    const node = uses.onlyReader(value);
    const step = node && stepOf(node, uses);
    if (!step || formatShape(node.outputs[0].shape) !== formatShape(from.shape)) break;
    // As the second of a quotient or a comparison it would have to change places.
    if (step.kind === "pair" && step.right === value && !canFollow(step.alg)) break;
    if (!accepts({ node, step })) break;
    links.push({ node, step });
    value = node.outputs[0];
  }
  return links;
}

function canFollow(alg: string): boolean {
  return ["add", "max", "min", "mul", "sub", "eq"].includes(alg);
}
