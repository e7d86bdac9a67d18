import { findOperator } from "../ir/builder.ts";
import type { Node } from "../ir/graph.ts";
import type { OperatorName } from "./index.ts";
import { operatorTable } from "./new-graph.ts";

type HasOperator = Pick<Node, "op">;

/** Whether a node's operator is one of these. @example const isWindowPool = oneOf("AveragePool", "MaxPool"); */
export function oneOf(...names: readonly OperatorName[]): (node: HasOperator) => boolean {
  const known: ReadonlySet<string> = new Set(names);
  return ({ op }) => known.has(op);
}

/** Layers of a convolution or a matrix product; their weights are the second input, of a matrix product perhaps the first. */
export const isLayer = oneOf("Conv", "FusedMatMul", "Gemm", "MatMul");

/** Activations whose results lie between 0 and 1. */
export const isSigmoid = oneOf("HardSigmoid", "Sigmoid");

/** Pools over windows of a map. */
export const isWindowPool = oneOf("AveragePool", "MaxPool");

/** Steps between floats and integers. */
export const isQuantization = oneOf("DequantizeLinear", "QuantizeLinear");

/** Whether a node only gives its first input another shape or name: an engine copies nothing. */
export function isView({ op }: HasOperator): boolean {
  return findOperator(operatorTable, op)?.mapping === "view";
}

/** Whether each element that a node computes follows from those in its place, perhaps broadcast. */
export function isElementWise({ op }: HasOperator): boolean {
  const mapping = findOperator(operatorTable, op)?.mapping;
  return mapping === "element-wise" || mapping === "broadcast";
}

/** Whether a node combines two inputs element by element and broadcasts either. */
export function isPairwise({ op }: HasOperator): boolean {
  const operator = findOperator(operatorTable, op);
  return operator?.mapping === "broadcast" && operator.arity[1] === 2;
}
