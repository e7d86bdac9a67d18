import { type Graph, type Node, parametersOf, statesOf, type Value } from "../ir/graph.ts";
import { knownShape, sizeOf } from "../ir/shape.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { bindDims } from "../passes/bind-dims.ts";

/** What a network holds and what one execution of it computes. */
export interface Complexity {
  /** Learned numbers. */
  readonly parameters: number;
  /** Tracked numbers that no gradient changes: BatchNorm's running means and variances. */
  readonly statistics: number;
  /** Multiply-accumulates of convolutions and matrix products; 1 MAC = 2 FLOPs. */
  readonly macs: number;
  /** All floating-point operations: 2 per MAC, 1 per element-wise operation. */
  readonly flops: number;
  /** The part of `parameters` in SE blocks. */
  readonly seParameters: number;
  /** The part of `macs` in SE blocks. */
  readonly seMacs: number;
  /** Number of SE blocks. */
  readonly seBlocks: number;
}

/**
 * Counts parameters and arithmetic of a graph. Symbolic dimensions of its inputs (the batch) become 1, so the counts are
 * those of one image; a graph with a fixed batch is counted with that batch.
 *
 * SE blocks are known by their scope: a module named `se`, as in `layer1.0.se.fc1`.
 *
 * @throws SenetError `graph` for an operator that is not known
 * @example complexity(createModel("seresnet20")).macs // 41,240,000-odd, of one 32×32 image
 */
export function complexity(graph: Graph): Complexity {
  const symbols = graph.inputs.flatMap(({ shape }) => shape.filter((dim) => typeof dim === "string"));
  const bound = bindDims(graph, Object.fromEntries(symbols.map((symbol) => [symbol, 1])));
  const parameters = parametersOf(bound);
  const costs = bound.nodes.map((node) => ({ se: seScope(node.scope), ...costOf(node) }));
  const inSE = costs.filter(({ se }) => se !== undefined);
  return {
    parameters: numbers(parameters),
    statistics: numbers(statesOf(bound)),
    macs: sum(costs.map(({ macs }) => macs)),
    flops: sum(costs.map(({ flops }) => flops)),
    seParameters: numbers(parameters.filter(({ name = "" }) => seScope(name) !== undefined)),
    seMacs: sum(inSE.map(({ macs }) => macs)),
    seBlocks: new Set(inSE.map(({ se }) => se)).size,
  };
}

function costOf({ op, inputs, outputs, attrs }: Node) {
  const shapeOf = (value: Value) => knownShape(value.shape, op);
  return operatorTable[op].cost(
    inputs.map((value) => value && shapeOf(value)),
    outputs.map(shapeOf),
    attrs,
  );
}

/** The SE block that a path lies in: `layer1.0.se` of `layer1.0.se.fc1.weight`. */
function seScope(path: string): string | undefined {
  return /^(?:.*\.)?se(?=\.|$)/.exec(path)?.[0];
}

function numbers(values: readonly Value[]): number {
  return sum(values.map(({ shape }) => sizeOf(shape as readonly number[])));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
