import { type Graph, isFlowing, type Node, type Value } from "../../ir/graph.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { isSigmoid } from "../../ops/predicates.ts";
import { type IntegerForm, integerForm, sourceOf } from "./integer-form.ts";

/** Which parts of a network are computed with integers. */
export interface QuantizationPlan {
  readonly integer: ReadonlyMap<Node, IntegerForm>;
  /** Values stored as uint8. */
  readonly stored: ReadonlySet<Value>;
  /** Nodes that stay float, each with the reason. */
  readonly float: ReadonlyMap<Node, string>;
}

/**
 * Decides what becomes integer, so that ONNX Runtime finds the patterns that it fuses: layers with constant weights, and between
 * them whatever it computes with integers (sums, products, pools, sigmoids, concatenations, changes of shape) as long as an integer
 * reaches it. A ReLU behind an integer node needs no arithmetic: a uint8 whose zero point is 0 cannot be negative. The output of
 * the last matrix product, which no integer node reads, stays float.
 *
 * @param keepFloat nodes that stay as they are
 * @example planQuantization(graph).integer.size
 */
export function planQuantization(graph: Graph, keepFloat: ReadonlySet<Node> = new Set()): QuantizationPlan {
  const uses = usesOf(graph);
  const integer = new Map<Node, IntegerForm>();
  const float = new Map<Node, string>();
  for (const node of graph.nodes) {
    const form = keepFloat.has(node) ? "kept float as asked" : integerForm(node, uses);
    if (typeof form === "string") float.set(node, form);
    else if (
      form.kind === "layer" ||
      node.inputs.some((input) => input?.producer && integer.has(input.producer))
    )
      integer.set(node, form);
    else float.set(node, "nothing that it reads is an integer");
  }
  return { integer, stored: storedIn(uses, integer), float };
}

/** Values that integer nodes read and write, but for those that stay inside a fused group. */
function storedIn(uses: Uses, integer: ReadonlyMap<Node, IntegerForm>): Set<Value> {
  /** Whether only a ReLU reads what an integer node computes: then its result alone is stored. */
  const isAbsorbed = (value: Value) => {
    const reader = value.producer && integer.has(value.producer) ? uses.onlyReader(value) : undefined;
    return reader !== undefined && integer.get(reader)?.kind === "clamp";
  };
  const stored = new Set<Value>();
  for (const [node, { kind, mayEndFloat }] of integer) {
    for (const input of node.inputs) if (isFlowing(input) && !isAbsorbed(input)) stored.add(input);
    const [output] = node.outputs;
    const isRead = uses.readersOf(output).some((reader) => integer.has(reader));
    if (!(isAbsorbed(output) || (kind === "layer" && mayEndFloat && !isRead))) stored.add(output);
  }
  return stored;
}

/**
 * The values whose ranges `plan` needs, in the order of the graph: of several that hold the same numbers (before and after a
 * maximum or a change of shape) the first; without those whose range is known.
 */
export function valuesToObserve({ stored }: QuantizationPlan): Value[] {
  return [...new Set([...stored].map(sourceOf))].filter((value) => !knownRange(value));
}

/** Minimum and maximum that a value takes. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The range that a value has by definition: a gate's is [0, 1]. */
export function knownRange({ producer }: Value): Range | undefined {
  return producer && isSigmoid(producer) ? { min: 0, max: 1 } : undefined;
}
