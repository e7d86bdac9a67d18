import { create } from "@bufbuild/protobuf";
import { type AttributeProto, AttributeProto_AttributeType, AttributeProtoSchema } from "onnx-buf";
import { SenetError } from "../base/errors.ts";
import type { Attr, Node } from "../ir/graph.ts";
import type { Operator } from "../ir/operator.ts";
import type { AttrSpec } from "../ir/signature.ts";

/**
 * A node's attributes as ONNX messages, each of the kind its operator declares. An empty list or text that is
 * the default is left out: ONNX has no such value, it stands for "not given".
 *
 * @throws SenetError `graph` when a value is not of its attribute's kind.
 */
export function encodeAttributes(node: Node, operator: Operator, nodeName: string): AttributeProto[] {
  return Object.entries(node.attrs).flatMap(([name, value]) => {
    const spec = operator.attributes[name];
    if (!spec || isEmptyDefault(value, spec)) return [];
    const content = encodeValue(spec.kind, value);
    if (!content) {
      throw new SenetError(
        "graph",
        `Node ${nodeName}: attribute "${name}" should be of kind ${spec.kind}, found ${[value].flat().join(",")}; correct it.`,
      );
    }
    return [create(AttributeProtoSchema, { name, ...content })];
  });
}

function isEmptyDefault(value: Attr, spec: AttrSpec): boolean {
  const isEmpty = (candidate: Attr | undefined) =>
    candidate === "" || (Array.isArray(candidate) && candidate.length === 0);
  return isEmpty(value) && isEmpty(spec.default);
}

function encodeValue(kind: AttrSpec["kind"], value: Attr) {
  const types = AttributeProto_AttributeType;
  if (kind === "string") {
    return typeof value === "string" ? { type: types.STRING, s: new TextEncoder().encode(value) } : null;
  }
  if (kind === "ints") {
    return Array.isArray(value) && value.every(Number.isSafeInteger)
      ? { type: types.INTS, ints: value.map(BigInt) }
      : null;
  }
  if (typeof value !== "number") return null;
  if (kind === "float") return { type: types.FLOAT, f: value };
  return Number.isSafeInteger(value) ? { type: types.INT, i: BigInt(value) } : null;
}
