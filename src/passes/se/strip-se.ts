import type { Graph, Node, Value } from "../../ir/graph.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";
import { usesOf } from "../../ir/uses.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import { withContent } from "../graph/with-contents.ts";
import { absorbScale } from "./absorb-scale.ts";
import type { SEBlock } from "./match-se.ts";

/** A block that was taken out. */
export interface StrippedSE {
  readonly block: SEBlock;
  /** What multiplies the map instead: the `"weights"` that compute it, or a product (`"map"`) with one constant per channel. */
  readonly keptBy: "weights" | "map";
}

/**
 * The graph without some of its SE blocks: instead of the gates that a block computes for each image, its map is multiplied by one
 * constant per channel, usually the gates' mean over a data set. Where the map comes from a BatchNorm or convolution alone, the constants
 * go into its weights, and nothing is left of the block.
 *
 * @param gates the constants of each block of `matchSE(graph)` to remove, one per channel; the other blocks stay
 * @returns the new graph, and the removed blocks in their order
 * @throws SenetError `shape` when there are not as many constants as channels
 * @example
 * const [last] = matchSE(graph).slice(-1);
 * stripSE(graph, new Map([[last, new Float32Array(last.channels).fill(0.5)]])).graph
 */
export function stripSE(
  graph: Graph,
  gates: ReadonlyMap<SEBlock, Float32Array>,
): { graph: Graph; stripped: readonly StrippedSE[] } {
  const byScale = new Map([...gates.keys()].map((block) => [block.scale, block]));
  const products = new Map<SEBlock, Value>();
  const constant = removeDeadNodes(
    rebuild(graph, {
      node(b, node, inputs) {
        const block = byScale.get(node);
        if (!block) return undefined;
        const factors = gates.get(block) as Float32Array;
        const map = inputs[node.inputs.indexOf(block.map)];
        const product = b.op("Mul", [map, b.constant(tensor([1, block.channels, 1, 1], factors))]);
        products.set(block, product);
        return [product];
      },
    }),
  );
  return foldProducts(constant, products);
}

/** Takes the products of maps and constants into the weights before them, where these can take them. */
function foldProducts(
  graph: Graph,
  products: ReadonlyMap<SEBlock, Value>,
): { graph: Graph; stripped: StrippedSE[] } {
  const uses = usesOf(graph);
  const contents = new Map<Value, Tensor>();
  const folded = new Set<Node | undefined>();
  const stripped = [...products].map(([block, { producer }]): StrippedSE => {
    const [map, factors] = producer?.inputs ?? [];
    const absorbed = map && uses.onlyReader(map) && absorbScale(map, factorsOf(factors), uses);
    if (!absorbed) return { block, keptBy: "map" };
    folded.add(producer);
    for (const [stored, content] of absorbed) contents.set(stored, content);
    return { block, keptBy: "weights" };
  });
  const without = rebuild(graph, {
    leaf: (value) => withContent(value, contents.get(value)),
    node: (_, node, inputs) => (folded.has(node) ? [inputs[0]] : undefined),
  });
  return { graph: without, stripped };
}

function factorsOf(constant: Value | null | undefined): Float32Array {
  return constant?.tensor?.data as Float32Array;
}
