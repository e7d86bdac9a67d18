import type { GraphBuilder } from "../ir/builder.ts";
import { type Graph, type Node, Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { lazyTensor, type Tensor } from "../ir/tensor.ts";
import { borderSums, windowShares } from "./border-sums.ts";
import { matchSE, type SEBlock } from "./match-se.ts";
import { type Readers, readersOf } from "./readers.ts";
import { rebuild } from "./rebuild.ts";
import { removeDeadNodes } from "./remove-dead-nodes.ts";
import type { Refusal, Rewritten } from "./rewrite.ts";

export interface EarlySqueezeOptions {
  /**
   * Whether also where the convolution is a padded 3×3, whose mean takes a dozen small nodes to gather: less arithmetic, but on
   * most machines more time. Default true.
   */
  readonly padded?: boolean;
}

/** What is computed early: `layer`, the excitation's first, from the mean of what `conv` reads. */
interface Plan {
  readonly conv: Node;
  readonly layer: Node;
}

/**
 * Lets SE blocks squeeze what the convolution before them reads instead of what it gives. Where nothing but that convolution
 * stands between, mean(W∗h + b) = W·mean(h) + b, so the excitation's first layer W₁ becomes W₁·W, a small matrix made here once,
 * and reads the mean of h, in a bottleneck a quarter of the channels. The gate then no longer waits for the convolution. A padded
 * 3×3 convolution gives a mean that follows from h's mean and those of its border rows, border columns and corners.
 *
 * The products are computed in float64. BatchNormalization in between must be folded first (`foldBatchNorm`).
 *
 * @example earlySqueeze(foldBatchNorm(createModel("seresnet50")).graph).fired // ["layer1.0.se", …], 16 of them
 */
export function earlySqueeze(graph: Graph, { padded = true }: EarlySqueezeOptions = {}): Rewritten {
  const readers = readersOf(graph);
  const fed = new Set(graph.inputs);
  const plans = new Map<Node, Plan>();
  const fired: string[] = [];
  const refused: Refusal[] = [];
  for (const block of matchSE(graph)) {
    const where = block.path || "SE block";
    const plan = planFor(block, readers, fed, padded);
    if (typeof plan === "string") refused.push({ where, why: plan });
    else {
      plans.set(plan.layer, plan);
      fired.push(where);
    }
  }
  if (fired.length === 0) return { graph, fired, refused };
  const convs = new Set([...plans.values()].map(({ conv }) => conv));
  const sources = new Map<Node, Value>();
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      if (convs.has(node) && inputs[0]) sources.set(node, inputs[0]);
      const plan = plans.get(node);
      const source = plan && sources.get(plan.conv);
      return source ? [earlyLayer(b, plan, source)] : b.ops(node.op, inputs, node.attrs);
    },
  });
  return { graph: removeDeadNodes(rebuilt), fired, refused };
}

const VIEWS: ReadonlySet<string> = new Set(["Flatten", "Reshape", "Squeeze", "Identity"]);

/** What to do with a block, or why nothing, as a sentence without its full stop. */
function planFor(
  { squeeze, input }: SEBlock,
  readers: Readers,
  fed: ReadonlySet<Value>,
  padded: boolean,
): Plan | string {
  if (!squeeze) return "it has no squeeze";
  if (!/Average|Mean/.test(squeeze.op))
    return `its squeeze is ${squeeze.op}, and only a mean passes a convolution`;
  const conv = input.producer;
  if (conv?.op !== "Conv") {
    return `${conv?.op ?? "nothing"} stands between the last convolution and the squeeze`;
  }
  const misfit = unfitConv(conv, fed);
  if (misfit !== undefined) return misfit;
  if (!padded && isPadded(conv))
    return `${conv.scope || "the convolution"} is 3×3, whose early mean is left out`;
  let layer = readers.only(squeeze.outputs[0]);
  while (layer && VIEWS.has(layer.op)) layer = readers.only(layer.outputs[0]);
  if (!layer) return "what it squeezes is read by more than one node";
  return layerWeights(layer, fed)
    ? { conv, layer }
    : `after the squeeze stands ${layer.op}, not a layer with stored weights`;
}

function isPadded({ attrs }: Node): boolean {
  return (attrs.kernel_shape as number[])[0] > 1;
}

/** Why the mean does not pass a convolution. */
function unfitConv({ inputs, attrs, scope }: Node, fed: ReadonlySet<Value>): string | undefined {
  const [x, weight, bias] = inputs;
  const conv = scope || "the convolution";
  if ([weight, bias].some((value) => value && (!value.tensor || fed.has(value)))) {
    return `the weights of ${conv} are not stored in the graph`;
  }
  if (weight?.dtype !== "float32") return `the weights of ${conv} are not float32`;
  if ([...(attrs.strides as number[]), ...(attrs.dilations as number[])].some((step) => step !== 1)) {
    return `${conv} has a stride or a dilation`;
  }
  const kernel = (attrs.kernel_shape as number[]).join("×");
  const pads = new Set(attrs.pads as number[]);
  const [pad] = pads;
  if (pads.size > 1 || !((kernel === "1×1" && pad === 0) || (kernel === "3×3" && pad === 1))) {
    return `${conv} is ${kernel} with padding ${[...pads].join(" and ")}, neither 1×1 without nor 3×3 with 1`;
  }
  const known = x?.shape.slice(1).every((dim) => typeof dim === "number");
  return kernel === "1×1" || known ? undefined : `the size of the map that ${conv} reads is not known`;
}

interface LayerWeights {
  /** Output and input channels. */
  readonly rows: number;
  readonly columns: number;
  at(row: number, column: number): number;
  readonly bias: Tensor | undefined;
}

/** A fully connected layer of a vector, in any of ONNX's forms. */
function layerWeights({ op, inputs, attrs }: Node, fed: ReadonlySet<Value>): LayerWeights | undefined {
  const [, weight, bias] = inputs;
  const tensor = weight?.tensor;
  if (!tensor || fed.has(weight) || weight.dtype !== "float32") return undefined;
  if (bias && (!bias.tensor || fed.has(bias) || bias.shape.length !== 1)) return undefined;
  const isPointwise = op === "Conv" && attrs.group === 1 && sizeOf(tensor.shape.slice(2)) === 1;
  const isGemm = op === "Gemm" && attrs.alpha === 1 && attrs.beta === 1 && attrs.transA === 0;
  if (!isPointwise && !isGemm && !(op === "MatMul" && tensor.shape.length === 2)) return undefined;
  const [first, second] = tensor.shape;
  const outputsFirst = isPointwise || attrs.transB === 1;
  const [rows, columns] = outputsFirst ? [first, second] : [second, first];
  const { data } = tensor;
  const at = outputsFirst
    ? (row: number, column: number) => Number(data[row * columns + column])
    : (row: number, column: number) => Number(data[column * rows + row]);
  return { rows, columns, at, bias: bias?.tensor };
}

/** The excitation's first layer, of the means of what the convolution reads. */
function earlyLayer(b: GraphBuilder, { conv, layer }: Plan, source: Value): Value {
  const kernel = (conv.attrs.kernel_shape as number[])[0];
  const features = kernel === 1 ? b.op("GlobalAveragePool", [source]) : borderSums(b, source);
  const [, weight, bias] = layer.inputs;
  const rows = Number(layer.outputs[0].shape.at(layer.op === "Conv" ? 1 : -1));
  const width = Number(features.shape[1]);
  const content = productOf(conv, layer, width);
  const stored = (old: Value | null | undefined, shape: number[], make: () => Float32Array) =>
    new Value(old?.name === undefined ? "constant" : old.role, "float32", shape, {
      name: old?.name,
      tensor: lazyTensor(shape, make),
    });
  const early = b.op(
    "Conv",
    [
      features,
      stored(weight, [rows, width, 1, 1], () => content().matrix),
      stored(bias, [rows], () => content().bias),
    ],
    { kernel_shape: [1, 1] },
  );
  const { shape } = layer.outputs[0];
  if (shape.length === 4) return early;
  return b.op("Reshape", [early, b.constant([0, ...shape.slice(1).map(Number)])]);
}

/** W₁·W and W₁·b + b₁, made when first read. */
function productOf(
  conv: Node,
  layer: Node,
  width: number,
): () => { matrix: Float32Array; bias: Float32Array } {
  let made: { matrix: Float32Array; bias: Float32Array } | undefined;
  return () => {
    made ??= multiply(conv, layer, width);
    return made;
  };
}

function multiply(conv: Node, layer: Node, width: number): { matrix: Float32Array; bias: Float32Array } {
  const [x, weight, convBias] = conv.inputs.map((value) => value?.tensor ?? value);
  const w1 = layerWeights(layer, new Set());
  const w = weight as Tensor;
  if (!w1 || !x) throw new Error("a plan without weights");
  const [filters, perGroup, size] = w.shape;
  const shares = windowShares(size, x.shape as number[]);
  const channels = perGroup * Number(conv.attrs.group);
  const filtersOfGroup = filters / Number(conv.attrs.group);
  const matrix = new Float64Array(w1.rows * width);
  const bias = Float64Array.from({ length: w1.rows }, (_, row) => Number(w1.bias?.data[row] ?? 0));
  for (let filter = 0; filter < filters; filter++) {
    // What one filter takes of each feature.
    const firstChannel = Math.floor(filter / filtersOfGroup) * perGroup;
    const takes = new Float64Array(shares.length * perGroup);
    for (const [feature, taps] of shares.entries()) {
      for (let i = 0; i < perGroup; i++) {
        for (const [tap, share] of taps) {
          takes[feature * perGroup + i] +=
            share * Number(w.data[(filter * perGroup + i) * size * size + tap]);
        }
      }
    }
    const summand = Number((convBias as Tensor | null)?.data[filter] ?? 0);
    for (let row = 0; row < w1.rows; row++) {
      const factor = w1.at(row, filter);
      bias[row] += factor * summand;
      for (let feature = 0; feature < shares.length; feature++) {
        const to = row * width + feature * channels + firstChannel;
        for (let i = 0; i < perGroup; i++) matrix[to + i] += factor * takes[feature * perGroup + i];
      }
    }
  }
  return { matrix: Float32Array.from(matrix), bias: Float32Array.from(bias) };
}
