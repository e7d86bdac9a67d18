import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Node, Value } from "../../ir/graph.ts";
import { formatShape, isOnePixel } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import type { OperatorName } from "../../ops/index.ts";
import { isChannelConcat, isElementWise } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import type { Rewritten } from "../graph/rewrite.ts";
import { type NchwcChain, nchwcChains } from "./nchwc-chains.ts";
import { nchwcComputed, nchwcProduct, nchwcStored } from "./nchwc-weights.ts";

const nchwcPools: Readonly<Partial<Record<OperatorName, OperatorName>>> = {
  GlobalAveragePool: "NchwcGlobalAveragePool",
  MaxPool: "NchwcMaxPool",
};

/**
 * The graph with its maps kept in NCHWc, blocks of channels, from one convolution to the next, as ONNX Runtime does by itself, but also
 * around convolutions whose weights are computed, which it leaves alone: weights scaled by SE's gates, and scaling by channel
 * itself (`scaleByConvolution`). Sums and activations are fused into the convolutions before them.
 *
 * The operators are internal to the engine, and how large a block is depends on the processor: the graph is for the machine where
 * `probeBlock` found `block`, and not for files that go elsewhere.
 *
 * @param block channels in a block: 16 with AVX-512, else 8
 * @example toNchwc(foldBatchNorm(createModel("resnet50")).graph, 16).applied.length // 53
 */
export function toNchwc(graph: Graph, block: number): Rewritten {
  const { chains, mismatches } = nchwcChains(graph, block);
  const ends = new Map(chains.map((chain) => [chain.last, chain]));
  const inner = new Set(chains.flatMap(innerNodes));
  /** The inputs that the nodes of chains have in the new graph. */
  const pending = new Map<Node, readonly (Value | null)[]>();
  const layout = layoutOf();
  const uses = usesOf(graph);
  const target = { layout, uses, block };
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      const chain = ends.get(node);
      if (chain || inner.has(node)) pending.set(node, inputs);
      if (inner.has(node)) return node.outputs.map(() => null);
      if (chain) {
        const [x, weight, bias = null] = pending.get(chain.conv) ?? [];
        const sum = chain.sum && pending.get(chain.sum.node)?.[chain.sum.node.inputs.indexOf(chain.sum.map)];
        if (!x || !weight) return undefined;
        return [layout.mark(nchwcConv(b, chain, { x, weight, bias, sum }, target))];
      }
      const isFree = !node.outputs.some((output) => uses.isOutput(output));
      const kept = isFree ? keptInBlocks(b, node, inputs, target) : undefined;
      return kept
        ? [layout.mark(kept)]
        : b.ops(
            node.op,
            inputs.map((input) => input && layout.plain(b, input)),
            node.attrs,
          );
    },
  });
  return {
    graph: removeDeadNodes(rebuilt),
    applied: chains.map(({ conv }) => conv.scope || conv.op),
    skipped: [...mismatches].map(([{ scope, op }, why]) => ({ where: scope || op, why })),
  };
}

/** The nodes of a chain before its last. */
function innerNodes({ conv, sum, last }: NchwcChain): Node[] {
  return (sum ? [conv, sum.node] : [conv]).filter((node) => node !== last);
}

/** Which values are in blocks, and their copies in the other layout, each made once. */
interface Layout {
  mark(value: Value): Value;
  has(value: Value): boolean;
  plain(b: GraphBuilder, value: Value): Value;
  nchwc(b: GraphBuilder, value: Value): Value;
}

function layoutOf(): Layout {
  const marked = new Set<Value>();
  const copies = new Map<Value, Value>();
  const copy = (value: Value, make: () => Value) => {
    const known = copies.get(value);
    if (known) return known;
    const made = make();
    copies.set(value, made);
    return made;
  };
  return {
    mark(value) {
      // A map of one pixel is the same in both layouts.
      if (!isOnePixel(value.shape)) marked.add(value);
      return value;
    },
    has: (value) => marked.has(value),
    plain(b, value) {
      if (!marked.has(value)) return value;
      return copy(value, () => b.op("ReorderOutput", [value], { channels: Number(value.shape[1]) }));
    },
    nchwc(b, value) {
      if (marked.has(value) || isOnePixel(value.shape)) return value;
      return copy(value, () => b.op("ReorderInput", [value]));
    },
  };
}

interface Target {
  readonly layout: Layout;
  readonly uses: Uses;
  readonly block: number;
}

interface Operands {
  readonly x: Value;
  readonly weight: Value;
  readonly bias: Value | null;
  readonly sum: Value | null | undefined;
}

function nchwcConv(
  b: GraphBuilder,
  { conv, activation }: NchwcChain,
  { x, weight, bias, sum }: Operands,
  target: Target,
): Value {
  const { layout, block } = target;
  const isPlain = conv.attrs.group === 1 && Number(weight.shape[1]) < block;
  const inputs = [
    isPlain ? layout.plain(b, x) : layout.nchwc(b, x),
    b.within(conv.scope, () => nchwcWeight(b, weight, conv.attrs.group, target)),
    ...(bias || sum ? [bias] : []),
    ...(sum ? [layout.nchwc(b, sum)] : []),
  ];
  return b.op("NchwcConv", inputs, { ...conv.attrs, activation });
}

function nchwcWeight(b: GraphBuilder, weight: Value, group: number, { uses, block }: Target): Value {
  if (uses.isStored(weight)) return nchwcStored(weight, block);
  if (group > 1) return weight; // one number per channel, in the same order either way
  const { producer } = weight;
  const [stored, factor] = producer?.op === "Mul" ? producer.inputs : [];
  const isProduct = factor?.shape.slice(1).every((dim) => dim === 1) && factor.shape[0] === weight.shape[0];
  if (uses.isStored(stored) && factor && isProduct) return nchwcProduct(b, stored, factor, block);
  return nchwcComputed(b, weight, block);
}

/** The node on maps in blocks, where it can take them so and one comes so. */
function keptInBlocks(
  b: GraphBuilder,
  node: Node,
  inputs: readonly (Value | null)[],
  { layout, block }: Target,
): Value | undefined {
  const { op, attrs } = node;
  const [{ shape }] = node.outputs;
  const maps = inputs.filter((input) => input !== null);
  if (!maps.some((map) => layout.has(map)) || Number(shape[1]) % block !== 0) return undefined;
  const pool = nchwcPools[op as OperatorName];
  if (pool) return b.op(pool, maps, attrs);
  const fitting = (value: Value) =>
    formatShape(value.shape) === formatShape(shape) || (op !== "Concat" && value.shape.length === 0);
  if (isElementWise(node) && maps.every(fitting)) {
    return b.op(
      op,
      inputs.map((input) => input && (input.shape.length === 0 ? input : layout.nchwc(b, input))),
      attrs,
    );
  }
  const isStack = isChannelConcat(node) && maps.every((map) => Number(map.shape[1]) % block === 0);
  return isStack
    ? b.op(
        op,
        maps.map((map) => layout.nchwc(b, map)),
        attrs,
      )
    : undefined;
}
