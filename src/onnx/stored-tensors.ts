import type { AttributeProto, GraphProto, NodeProto } from "onnx-buf";
import { type Tensor, tensor } from "../ir/tensor.ts";
import type { ExternalData } from "./external-data.ts";
import { malformed } from "./malformed.ts";
import { readTensor } from "./read-tensor.ts";
import type { NamedTensor, StoredRole } from "./recover-roles.ts";

/** A file's stored tensors by every name they have, and the nodes that are left to compute. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly nodes: readonly NodeProto[];
}

/**
 * Initializers, the values of Constant nodes, and names given to either by Identity nodes (exporters write
 * them for weights that are shared).
 *
 * @throws SenetError `file` when a tensor is malformed or two have the same name.
 */
export function readStoredTensors(graph: GraphProto, externalData?: ExternalData): StoredTensors {
  const tensors = new Map<string, NamedTensor>();
  const add = (name: string, content: Tensor, role: StoredRole | undefined) => {
    if (tensors.has(name)) malformed(`two stored tensors are named "${name}"`);
    tensors.set(name, { name, tensor: content, role });
  };
  for (const proto of graph.initializer) {
    const what = `tensor "${proto.name}"`;
    if (proto.name === "") malformed("a stored tensor has no name");
    add(proto.name, readTensor(proto, what, externalData), asRole(proto.docString));
  }
  const nodes: NodeProto[] = [];
  for (const node of graph.node) {
    const isStandard = node.domain === "" || node.domain === "ai.onnx";
    const source = tensors.get(node.input[0]);
    if (isStandard && node.opType === "Constant" && node.output.length === 1) {
      add(node.output[0], constantOf(node, externalData), undefined);
    } else if (
      isStandard &&
      node.opType === "Identity" &&
      node.output.length === 1 &&
      source &&
      !source.role
    ) {
      tensors.set(node.output[0], source);
    } else nodes.push(node);
  }
  return { tensors, nodes };
}

/** What this package writes as a tensor's doc string; others write prose or nothing. */
function asRole(text: string): StoredRole | undefined {
  return text === "parameter" || text === "state" || text === "constant" ? text : undefined;
}

function constantOf(node: NodeProto, externalData?: ExternalData): Tensor {
  const what = `node "${node.name}" (Constant)`;
  const attribute: AttributeProto | undefined = node.attribute[0];
  switch (attribute?.name) {
    case "value":
      return attribute.t ? readTensor(attribute.t, what, externalData) : malformed(`${what} holds no tensor`);
    case "value_float":
      return tensor([], [attribute.f]);
    case "value_floats":
      return tensor([attribute.floats.length], attribute.floats);
    case "value_int":
      return tensor([], BigInt64Array.of(attribute.i), "int64");
    case "value_ints":
      return tensor([attribute.ints.length], BigInt64Array.from(attribute.ints), "int64");
    case "sparse_value":
      return malformed(`${what} stores a sparse tensor, which is not supported; store it densely`);
    default:
      return malformed(`${what}: expected a value, found attribute "${attribute?.name ?? ""}"`);
  }
}
