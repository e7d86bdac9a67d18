import { findOperator } from "../ir/builder.ts";
import type { Node } from "../ir/graph.ts";
import type { AttrsOf } from "../ir/signature.ts";
import type { OperatorName, operators } from "./index.ts";
import { operatorTable } from "./new-graph.ts";

type HasOperator = Pick<Node, "op">;

/** A node of one of some operators, its attributes typed as the operators declare them. */
export interface NodeOf<K extends OperatorName> extends Node {
  readonly op: K;
  readonly attrs: AttrsOf<(typeof operators)[K]["attributes"]>;
}

/** Whether there is a node and its operator is one of these. @example if (isOp(node, "Conv")) node.attrs.group // a number */
export function isOp<K extends OperatorName>(
  node: Node | undefined,
  ...names: readonly K[]
): node is NodeOf<K> {
  return names.some((name) => name === node?.op);
}

/** A test whether a node's operator is one of some. */
interface OneOf<K extends OperatorName> {
  (node: Node): node is NodeOf<K>;
  (node: HasOperator): boolean;
}

/** The same as a test of its own. @example const isWindowPool = oneOf("AveragePool", "MaxPool"); */
export function oneOf<K extends OperatorName>(...names: readonly K[]): OneOf<K> {
  const known: ReadonlySet<string> = new Set(names);
  return ((node: HasOperator) => known.has(node.op)) as OneOf<K>;
}

/** Whether a node stacks maps [N,C,H,W] on their channels. */
export function isChannelConcat(node: Node): node is NodeOf<"Concat"> {
  return isOp(node, "Concat") && node.outputs[0].shape.length === 4 && [1, -3].includes(node.attrs.axis);
}

/** Layers of a convolution or a matrix product; their weights are the second input, of a matrix product perhaps the first. */
export const isLayer = oneOf("Conv", "FusedMatMul", "Gemm", "MatMul");

/** Activations whose results lie between 0 and 1. */
export const isSigmoid = oneOf("HardSigmoid", "Sigmoid");

/** Pools over windows of a map. */
export const isWindowPool = oneOf("AveragePool", "MaxPool");

/** Steps between floats and integers. */
export const isQuantization = oneOf("DequantizeLinear", "QuantizeLinear");

/** Whether a node is a plain product A·B + C, B perhaps transposed. */
export function isPlainGemm(node: Node): node is NodeOf<"Gemm"> {
  return isOp(node, "Gemm") && node.attrs.alpha === 1 && node.attrs.beta === 1 && node.attrs.transA === 0;
}

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
