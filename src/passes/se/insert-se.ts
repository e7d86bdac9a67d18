import { checkChoice } from "../../base/check-options.ts";
import { SenetError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, type Node, numbersIn, parametersOf, type Value } from "../../ir/graph.ts";
import { filled, type Tensor } from "../../ir/tensor.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { gates } from "../../nn/gates.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { checkSEOptions, type SEOptions, seOptionNames } from "../../nn/se-options.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import { withContents } from "../graph/with-contents.ts";
import { absorbScale } from "./absorb-scale.ts";
import { choosePlaces, type NamedPlace, type PlaceChoice } from "./choose-se-places.ts";

/** Which blocks go where, and how they begin. */
export interface InsertSEOptions extends SEOptions, PlaceChoice {
  /**
   * `"neutral"`: the network computes the same as before, and learns from there. `"random"`: blocks with random weights, as in a new
   * network. Default `"neutral"`.
   */
  readonly initial?: "neutral" | "random";
}

/** A block that was put into a network. */
export interface InsertedSE extends Omit<NamedPlace, "value" | "at"> {
  readonly channels: number;
  /** Elements of its weights and biases. */
  readonly parameters: number;
  /**
   * What balances the constant gates: the `"weights"` that compute the map, multiplied once, or the `"gate"`, multiplied when
   * the network runs, where other layers read the map as well or nothing before it has weights. `"nothing"` with random weights.
   */
  readonly balancedBy: "weights" | "gate" | "nothing";
}

/**
 * Puts Squeeze-and-Excitation blocks (arXiv 1709.01507) into any network, ours or imported. As long as `initial` is not `"random"`, the
 * network's function does not change, and everything can be trained: the last layer of each block has zero weights, so that every
 * gate is one constant (of a sigmoid 1/2), and the weights before the block, or its gate, are divided by this constant.
 *
 * A block is named after its module, `layer1.0.se`, or `se`, `se2`, … where a file has no names.
 *
 * @returns the new graph, and the blocks in the graph's order
 * @throws SenetError `graph` for a network that is not of float32, has no convolutions, or no place of the requested kind (listing those that
 * exist); `usage` for `where` or `stages` that match no place (listing their names), and as `squeezeExcite`
 * @example const { graph, blocks } = insertSE(readOnnx(bytes), { reduction: 16 });
 * @example insertSE(graph, { place: "residual", where: "layer3|layer4", gate: "hard-sigmoid" })
 */
export function insertSE(
  graph: Graph,
  options: InsertSEOptions = {},
): { graph: Graph; blocks: readonly InsertedSE[] } {
  const { place: _place, where: _where, stages: _stages, initial = "neutral", ...se } = options;
  checkSEOptions(se, "Insertion of SE blocks", ["place", "where", "stages", "initial", ...seOptionNames]);
  checkChoice("Insertion of SE blocks: expected `initial`", initial, ["neutral", "random"]);
  const places = choosePlaces(graph, options);
  const neutral = initial === "neutral" ? gates[se.gate ?? "sigmoid"].neutral : undefined;
  const balance = neutral ? balanceOf(graph, places, 1 / neutral.gate) : undefined;
  const atNode = new Map(places.map((place) => [place.value.producer, place]));
  const contents = new Map(balance?.contents);
  const blocks: Omit<InsertedSE, "parameters">[] = [];
  const withBlocks = rebuild(graph, {
    node(b, node, inputs) {
      const outputs = b.ops(node.op, inputs, node.attrs);
      const place = atNode.get(node);
      if (!place) return outputs;
      const { value, at: _at, ...named } = place;
      const index = node.outputs.indexOf(value);
      const gated = b.within("", () => squeezeExcite(b, place.name, outputs[index], se));
      const layer = neutral ? zeroed(lastLayer(gated), neutral) : new Map<Value, Tensor>();
      for (const [stored, content] of layer) contents.set(stored, content);
      const factor = balance?.byGate.has(place) ? balance.factor : undefined;
      blocks.push({
        ...named,
        channels: Number(value.shape[1]),
        balancedBy: balance ? (factor === undefined ? "weights" : "gate") : "nothing",
      });
      return outputs.with(index, factor === undefined ? gated : multiplyGate(b, place.name, gated, factor));
    },
  });
  const result = withContents(removeDeadNodes(withBlocks), contents);
  return {
    graph: result,
    blocks: blocks.map((block) => ({ ...block, parameters: countIn(result, block.name) })),
  };
}

/** Elements of the parameters of a module. */
function countIn(graph: Graph, module: string): number {
  return numbersIn(parametersOf(graph).filter(({ name }) => name?.startsWith(`${module}.`)));
}

/** What makes up for constant gates. */
interface Balance {
  readonly factor: number;
  readonly contents: ReadonlyMap<Value, Tensor>;
  /** The places where weights cannot. */
  readonly byGate: ReadonlySet<NamedPlace>;
}

function balanceOf(graph: Graph, places: readonly NamedPlace[], factor: number): Balance {
  const contents = new Map<Value, Tensor>();
  const byGate = new Set<NamedPlace>();
  // A factor must not pass another block, whose gate would see it.
  const gated = new Set(places.map(({ value }) => value));
  const uses = usesOf(graph);
  const outside: Uses = {
    ...uses,
    onlyReader: (value) => (gated.has(value) ? undefined : uses.onlyReader(value)),
  };
  for (const place of places) {
    const factors = new Float32Array(Number(place.value.shape[1])).fill(factor);
    const absorbed = absorbScale(place.value, factors, outside);
    if (!absorbed) byGate.add(place);
    for (const [stored, content] of absorbed ?? []) contents.set(stored, content);
  }
  return { factor, contents, byGate };
}

/** The gate of a block's product x · gate. */
function gateOf({ producer }: Value): Value {
  const gate = producer?.inputs[1];
  if (producer?.op !== "Mul" || !gate) {
    throw new SenetError("graph", "SE block: expected a product of map and gate; this is a defect of senet.");
  }
  return gate;
}

/** The product again, of the map and a multiple of the gate. */
function multiplyGate(b: GraphBuilder, name: string, gated: Value, factor: number): Value {
  const [map = null] = gated.producer?.inputs ?? [];
  return b.within(name, () => b.op("Mul", [map, b.op("Mul", [gateOf(gated), b.constant(factor)])]));
}

/** The layer of a block whose weights are the last before the gate. */
function lastLayer(gated: Value): Node {
  let node = gateOf(gated).producer;
  // Gates may be multiplied and spread by constants, which have no names.
  while (node && !node.inputs[1]?.name) node = node.inputs.find((input) => input?.producer)?.producer;
  if (node) return node;
  throw new SenetError("graph", "SE block: expected a layer before its gate; this is a defect of senet.");
}

/** Weights of zero, and the biases that go with them. */
function zeroed(
  { inputs: [, weight, bias] }: Node,
  neutral: { readonly bias: number },
): ReadonlyMap<Value, Tensor> {
  const contents = new Map<Value, Tensor>();
  const fill = (value: Value | null | undefined, content: number) => {
    if (value?.tensor) contents.set(value, filled(value.tensor.shape, content));
  };
  fill(weight, 0);
  fill(bias, neutral.bias);
  if (neutral.bias === 0 || bias) return contents;
  throw new SenetError(
    "usage",
    "Insertion of SE blocks: expected biases in the last layer with this gate, which is zero or learns nothing without them; leave them on, or choose the gate sigmoid.",
  );
}
