import { create } from "@bufbuild/protobuf";
import { type AttributeProto, AttributeProto_AttributeType, AttributeProtoSchema } from "onnx-buf";
import type { Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { AddNode } from "../passes/graph/fold-constants.ts";
import { malformed } from "./malformed.ts";

/** A file's node on its way into the graph: what older operator sets wrote otherwise is changed in place. */
export interface PendingNode {
  readonly op: string;
  /** Version of the operator set by which it was written. */
  readonly opset: number;
  /** Names it in messages. */
  readonly what: string;
  inputs: (Value | null)[];
  attributes: AttributeProto[];
  /** Adds another node in its place or before it. */
  readonly add: AddNode;
  /** How many outputs the file names. */
  readonly outputCount: number;
  readonly constant: (content: Tensor | number | readonly number[]) => Value;
}

const types = AttributeProto_AttributeType;

/** An attribute, which the node then no longer has. */
function take(node: PendingNode, name: string, type: AttributeProto_AttributeType) {
  const found = node.attributes.find((attribute) => attribute.name === name);
  if (!found) return undefined;
  if (found.type !== type) {
    malformed(
      `${node.what}: attribute "${name}" should be of kind ${types[type]}, found ${types[found.type] ?? "an unknown kind"}`,
    );
  }
  node.attributes = node.attributes.filter((attribute) => attribute !== found);
  return found;
}

export function takeInts(node: PendingNode, name: string): number[] | undefined {
  return take(node, name, types.INTS)?.ints.map(Number);
}

export function takeInt(node: PendingNode, name: string): number | undefined {
  const found = take(node, name, types.INT);
  return found && Number(found.i);
}

export function takeFloat(node: PendingNode, name: string): number | undefined {
  return take(node, name, types.FLOAT)?.f;
}

export function takeString(node: PendingNode, name: string): string | undefined {
  const found = take(node, name, types.STRING);
  return found && new TextDecoder().decode(found.s);
}

export function takeTensor(node: PendingNode, name: string) {
  return take(node, name, types.TENSOR)?.t;
}

export function setInts(node: PendingNode, name: string, values: readonly number[]): void {
  const ints = values.map((value) => BigInt(Math.trunc(value)));
  set(node, create(AttributeProtoSchema, { name, type: types.INTS, ints }));
}

export function setInt(node: PendingNode, name: string, value: number): void {
  set(node, create(AttributeProtoSchema, { name, type: types.INT, i: BigInt(value) }));
}

function set(node: PendingNode, attribute: AttributeProto): void {
  node.attributes = [...node.attributes.filter(({ name }) => name !== attribute.name), attribute];
}

/** Input `i`, which must be there. */
export function inputOf(node: PendingNode, i: number): Value {
  return node.inputs[i] ?? malformed(`${node.what}: input ${i} is missing; it is not optional`);
}

/** The content of input `i`, if it is stored. */
export function numbersOf(node: PendingNode, i: number): number[] | undefined {
  const data = node.inputs[i]?.tensor?.data;
  return data && Array.from(data, Number);
}

/** The content of input `i`, which must be stored. */
export function constantOf(node: PendingNode, i: number, meaning: string): number[] {
  return (
    numbersOf(node, i) ??
    malformed(
      `${node.what}: input ${i} (${meaning}) should be a constant, found a value that depends on the input; export the model with a fixed batch and size`,
    )
  );
}
