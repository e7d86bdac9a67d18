import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, type Node, storedValues, Value } from "../../ir/graph.ts";
import { lazyTensor, type Tensor } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isOp, type NodeOf } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import type { Rewritten, SkippedPlace } from "../graph/rewrite.ts";
import { withContent } from "../graph/with-contents.ts";

/**
 * The graph with each `BatchNormalization` right after a convolution folded into that convolution's weights and bias, which is
 * what an inference engine does when it loads a file: γ·(W∗x + b − μ)/σ + β = (γ/σ·W)∗x + (γ/σ·(b − μ) + β), σ = √(variance + ε).
 * The factors are computed in float64. Weights keep their names; a new bias is named after its weight. The result can no longer be
 * trained as before: fold last.
 *
 * @example foldBatchNorm(createModel("resnet50")).applied.length // 53
 */
export function foldBatchNorm(graph: Graph): Rewritten {
  const uses = usesOf(graph);
  const byConv = new Map<Node, NodeOf<"BatchNormalization">>();
  const folded = new Set<Node>();
  const skipped: SkippedPlace[] = [];
  for (const norm of graph.nodes) {
    if (!isOp(norm, "BatchNormalization")) continue;
    const conv = norm.inputs[0]?.producer;
    const why = whyNot(conv, norm, uses);
    if (conv && why === undefined) {
      byConv.set(conv, norm);
      folded.add(norm);
    } else {
      skipped.push({ where: norm.scope || norm.op, why: why ?? "" });
    }
  }
  const names = new Set(storedValues(graph).map(({ name }) => name));
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      if (folded.has(node)) return [inputs[0]];
      const norm = byConv.get(node);
      return norm && foldedConv(b, node, norm, inputs, names);
    },
  });
  return { graph: rebuilt, applied: [...folded].map(({ scope, op }) => scope || op), skipped };
}

/** Why a normalization stays, as a sentence without its full stop. */
function whyNot(conv: Node | undefined, norm: Node, uses: Uses): string | undefined {
  if (!conv) return "it normalizes what is fed, not what a convolution gives";
  if (conv.op !== "Conv") return `it normalizes what ${conv.op} gives, not a convolution`;
  if (!uses.onlyReader(conv.outputs[0])) return "what its convolution gives is read elsewhere too";
  const [, weight, bias] = conv.inputs;
  const stored = [weight, bias, ...norm.inputs.slice(1)].filter((value) => value != null);
  if (!stored.every(uses.isStored)) return "its weights are not stored in the graph";
  if (stored.some(({ dtype }) => dtype !== "float32")) return "its numbers are not float32";
  const isShared = [weight, bias].some((value) => value && uses.readersOf(value).length > 1);
  return isShared ? "the weights of its convolution are used by another layer too" : undefined;
}

function foldedConv(
  b: GraphBuilder,
  conv: Node,
  norm: NodeOf<"BatchNormalization">,
  [x, weight, bias]: readonly (Value | null)[],
  names: Set<string | undefined>,
): readonly Value[] | undefined {
  const own = weight?.tensor;
  if (!own) return undefined;
  const tensors = norm.inputs.slice(1).map((value) => value?.tensor);
  const scales = () => scaleAndShift(tensors, norm.attrs.epsilon, bias?.tensor);
  const scaled = lazyTensor(own.shape, () => scaledRows(own, scales().scale));
  const shifted = lazyTensor([own.shape[0]], () => Float32Array.from(scales().shift));
  const newBias = biasValue(weight, bias, shifted, names);
  return b.ops("Conv", [x, withContent(weight, scaled), newBias], conv.attrs);
}

/** A bias under the name it had, or one after its weight's where that is free. */
function biasValue(
  weight: Value,
  old: Value | null | undefined,
  content: Tensor,
  names: Set<string | undefined>,
): Value {
  const called = weight.name?.endsWith("weight") ? weight.name.replace(/weight$/, "bias") : undefined;
  const name = old ? old.name : names.has(called) ? undefined : called;
  names.add(name);
  const role = name === undefined ? "constant" : weight.role;
  return new Value(role, "float32", content.shape, { name, tensor: content });
}

/** What a normalization does to each channel: factor and summand, the convolution's own bias included. */
function scaleAndShift(
  [gamma, beta, mean, variance]: readonly (Tensor | undefined)[],
  epsilon: number,
  bias: Tensor | undefined,
): { scale: Float64Array; shift: Float64Array } {
  const at = (tensor: Tensor | undefined, channel: number) => Number(tensor?.data[channel] ?? 0);
  const channels = gamma?.data.length ?? 0;
  const scale = Float64Array.from(
    { length: channels },
    (_, c) => at(gamma, c) / Math.sqrt(at(variance, c) + epsilon),
  );
  const shift = scale.map((factor, c) => factor * (at(bias, c) - at(mean, c)) + at(beta, c));
  return { scale, shift };
}

/** The weights of each filter times its factor. */
function scaledRows(weight: Tensor, scale: Float64Array): Float32Array {
  const data = weight.data as Float32Array;
  const row = data.length / scale.length;
  const scaled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) scaled[i] = data[i] * scale[Math.floor(i / row)];
  return scaled;
}
