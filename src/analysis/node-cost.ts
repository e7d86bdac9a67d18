import { dtypes } from "../ir/dtype.ts";
import { type Graph, knownShape, type Node, type Value } from "../ir/graph.ts";
import type { Kind } from "../ir/operator.ts";
import { sizeOf } from "../ir/shape.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { isView } from "../ops/predicates.ts";
import { kindOf } from "./kind-of.ts";

/** What one node, or several together, hold and do in one execution. */
export interface Counts {
  /** Learned numbers; those that several nodes share are counted with the first. */
  readonly parameters: number;
  /** Multiply-accumulates of convolutions and matrix products; 1 MAC = 2 FLOPs. */
  readonly macs: number;
  /** All floating-point operations: 2 per MAC, 1 per element-wise operation. */
  readonly flops: number;
  /** Elements of all outputs, views (`Flatten`, …) included. */
  readonly activations: number;
  /**
   * Bytes read (every input once, weights included) and written, as if each node ran alone from and to memory. Views move
   * nothing. An engine that fuses nodes moves less, one that reads windows several times more.
   */
  readonly bytesMoved: number;
}

/** What one node costs, and where in the network it is. */
export interface NodeCost extends Counts {
  readonly op: string;
  /** Path of the module it belongs to. */
  readonly scope: string;
  readonly kind: Kind;
  /** Whether it is part of an SE block. */
  readonly se: boolean;
  /** Shape of the first output. */
  readonly output: readonly number[];
}

/**
 * The cost of every node, in the graph's order.
 *
 * @param graph all of whose dimensions are known
 * @param inSE the nodes of SE blocks
 * @throws SenetError `shape` for a dimension that is a symbol
 */
export function nodeCosts(graph: Graph, inSE: ReadonlySet<Node>): NodeCost[] {
  const counted = new Set<Value>();
  return graph.nodes.map((node) => {
    const { op, scope, inputs, outputs, attrs } = node;
    const shapes = outputs.map((value) => knownShape(value, op));
    const read = inputs.map((value) => value && knownShape(value, op));
    let parameters = 0;
    for (const value of inputs) {
      if (value?.role !== "parameter" || !value.tensor || counted.has(value)) continue;
      counted.add(value);
      parameters += elementsOf(value, op);
    }
    return {
      op,
      scope,
      kind: kindOf(node),
      se: inSE.has(node),
      output: shapes[0] ?? [],
      parameters,
      ...operatorTable[op].cost(read, shapes, attrs),
      activations: shapes.reduce((total, shape) => total + sizeOf(shape), 0),
      bytesMoved: isView(node) ? 0 : bytesOf(node),
    };
  });
}

/** The sums of some costs. */
export function addCounts(costs: readonly Counts[]): Counts {
  return countsBy((what) => costs.reduce((sum, cost) => sum + cost[what], 0));
}

/** What `left` has more than `right`. */
export function subtractCounts(left: Counts, right: Counts): Counts {
  return countsBy((what) => left[what] - right[what]);
}

function countsBy(count: (what: keyof Counts) => number): Counts {
  return {
    parameters: count("parameters"),
    macs: count("macs"),
    flops: count("flops"),
    activations: count("activations"),
    bytesMoved: count("bytesMoved"),
  };
}

/** Elements of a value whose dimensions are known. */
export function elementsOf(value: Value, what: string): number {
  return sizeOf(knownShape(value, what));
}

/** Bytes of a value whose dimensions are known. */
export function byteLength(value: Value, what: string): number {
  return elementsOf(value, what) * dtypes[value.dtype].bytes;
}

function bytesOf({ op, inputs, outputs }: Node): number {
  let bytes = 0;
  for (const value of new Set([...inputs, ...outputs])) if (value) bytes += byteLength(value, op);
  return bytes;
}
