import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, type Node, type Value } from "../../ir/graph.ts";
import { isOnePixel, sizeOf } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import type { Rewritten, SkippedPlace } from "../graph/rewrite.ts";
import { matchSE } from "../se/match-se.ts";

/** Options of `scaleByConvolution`. */
export interface ScaleByConvolutionOptions {
  /** Whether gates may scale the filters of the convolution before. Default true. */
  readonly filters?: boolean;
}

/** The scale of an SE block, and the convolution whose weights absorb it; none: a separate convolution. */
interface Plan {
  readonly map: Value;
  readonly conv: Node | undefined;
}

/**
 * Lets convolutions apply SE's gates, for one image. Either the gates scale the filters of the convolution before, where these
 * are not much larger than its output and the gates are known before it runs (`earlySqueeze`); or they are the weights of a depthwise
 * 1×1 convolution. An engine's convolution adds the shortcut and applies the activation in the same pass, which
 * it does not do after a `Mul`. Convolutions with weights that change are fast only in NCHWc: `toNchwc` must follow.
 *
 * @example scaleByConvolution(withBatchOfOne(createModel("seresnet50"))).applied.length // 16
 */
export function scaleByConvolution(
  graph: Graph,
  { filters = true }: ScaleByConvolutionOptions = {},
): Rewritten {
  const uses = usesOf(graph);
  const plans = new Map<Node, Plan>();
  const applied: string[] = [];
  const skipped: SkippedPlace[] = [];
  for (const { scale, map, gate, squeeze, input, path } of matchSE(graph)) {
    const where = path || "SE block";
    if (!isOnePixel(gate.shape) || isOnePixel(map.shape)) {
      skipped.push({ where, why: "it does not scale a map by one number per channel" });
    } else if (map.shape.some((dim) => typeof dim !== "number") || map.shape[0] !== 1) {
      skipped.push({
        where,
        why: "each of several images has gates of its own, and a convolution one set of weights",
      });
    } else {
      const conv = squeeze && input !== map && uses.onlyReader(map) === scale ? map.producer : undefined;
      plans.set(scale, { map, conv: filters && conv && takesScale(conv, map, uses) ? conv : undefined });
      applied.push(where);
    }
  }
  if (applied.length === 0) return { graph, applied, skipped };
  const sources = new Map<Node, readonly (Value | null)[]>();
  const convs = new Set([...plans.values()].map(({ conv }) => conv));
  const rebuilt = rebuild(graph, {
    node(b, node, inputs) {
      if (convs.has(node)) sources.set(node, inputs);
      const plan = plans.get(node);
      if (!plan) return undefined;
      const at = node.inputs.indexOf(plan.map);
      const [map, gate] = [inputs[at], inputs[1 - at]];
      if (!map || !gate) return undefined;
      return [scaled(b, plan.conv, map, gate, plan.conv && sources.get(plan.conv))];
    },
  });
  return { graph: removeDeadNodes(rebuilt), applied, skipped };
}

/** Filters may have this many times as many elements as the map: they are read alone, a map with the shortcut (docs/performance-log.md). */
const FILTERS_TO_MAP = 2;

/** Whether scaling a convolution's filters is less work than scaling its output. */
function takesScale({ op, inputs: [, weight, bias] }: Node, map: Value, uses: Uses): boolean {
  if (op !== "Conv" || !uses.isStored(weight) || (bias && !uses.isStored(bias))) return false;
  return sizeOf(weight.tensor.shape) < FILTERS_TO_MAP * sizeOf(knownShape(map));
}

function scaled(
  b: GraphBuilder,
  conv: Node | undefined,
  map: Value,
  gate: Value,
  inputs: readonly (Value | null)[] | undefined,
): Value {
  const channels = Number(map.shape[1]);
  const factors = b.op("Reshape", [gate, b.constant([channels, 1, 1, 1])]);
  const [x, weight, bias] = inputs ?? [];
  if (!conv || !x || !weight) {
    return b.op("Conv", [map, factors], { kernel_shape: [1, 1], group: channels });
  }
  const newBias = bias && b.op("Mul", [bias, b.op("Reshape", [gate, b.constant([channels])])]);
  return b.op("Conv", [x, b.op("Mul", [weight, factors]), ...(newBias ? [newBias] : [])], conv.attrs);
}
