import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { nearest, SenetError } from "../base/errors.ts";
import { findOperator } from "../ir/builder.ts";
import { dtypes } from "../ir/dtype.ts";
import { type Graph, type Node, storedValues, type Value } from "../ir/graph.ts";
import type { Operator } from "../ir/operator.ts";
import { usesOf } from "../ir/uses.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { encodeAttributes } from "./encode-attributes.ts";
import { type FileParts, join, joinModel, type StoredTensor } from "./join-model.ts";
import { copyNodeName, nameGraph } from "./names.ts";
import { opsetRange } from "./opset-range.ts";

/** Options of `writeOnnx`. */
export interface WriteOnnxOptions {
  /** Version of the ONNX operator set, 18 (default) to 22: the operators mean the same in all of these. */
  readonly opset?: number | undefined;
  /** Name of the program, written into the file. Default `senet`. */
  readonly producer?: string | undefined;
}

/** File format version that came with each operator set; the oldest that fits, for the oldest readers. */
const irVersions: Readonly<Record<number, bigint>> = { 18: 8n, 19: 9n, 20: 9n, 21: 10n, 22: 10n };

/**
 * A graph as the bytes of an `.onnx` file. Parameters, states and constants are stored unless they are among
 * `graph.inputs`; weights are copied once. `readOnnx` reads back the same graph, but for those among `graph.inputs`: a file does
 * not distinguish them from other inputs, and does not hold their initial values.
 *
 * @example writeFileSync("net.onnx", writeOnnx(createModel("seresnet20")));
 * @throws SenetError `graph` when the graph holds composite operators (lower it first) or names that clash,
 * `usage` for another opset, `file` when the file would exceed protobuf's 2 GB.
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array {
  const { chunks, byteLength } = writeOnnxChunks(graph, options);
  return join(chunks, byteLength);
}

/**
 * As `writeOnnx`, in pieces that can be written one after another, so that the weights are not in memory twice.
 *
 * @example await writeFileAtomic("net.onnx", writeOnnxChunks(graph).chunks);
 * @throws SenetError as `writeOnnx`, before the first piece.
 */
export function writeOnnxChunks(graph: Graph, options: WriteOnnxOptions = {}): FileParts {
  const { opset = 18, producer = "senet" } = options;
  const irVersion = irVersions[opset];
  if (irVersion === undefined) {
    throw new SenetError(
      "usage",
      `ONNX opset: expected ${opsetRange.min} to ${opsetRange.max}, found ${opset}; choose one of these.`,
    );
  }
  const names = nameGraph(graph);
  const nodes = graph.nodes.map((node, i) =>
    encodeNode(node, names.nodes[i], names.values, operatorOf(graph, node)),
  );
  for (const { output, source } of names.copies) nodes.push(identity(output, nameOf(source, names.values)));

  const graphProto = create(GraphProtoSchema, {
    name: graph.name,
    node: nodes,
    input: graph.inputs.map((value) => valueInfo(nameOf(value, names.values), value)),
    output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
  });
  const extensions = [...new Set(nodes.map((node) => node.domain))].filter((domain) => domain !== "");
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: producer,
    opsetImport: [
      { domain: "", version: BigInt(opset) },
      ...extensions.map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
  });
  return joinModel(
    graph.name,
    toBinary(ModelProtoSchema, model),
    toBinary(GraphProtoSchema, graphProto),
    storedTensors(graph, names.values),
  );
}

function operatorOf(graph: Graph, node: Node): Operator {
  const operator = findOperator(operatorTable, node.op);
  const what = `Graph ${graph.name}: node ${node.op}${node.scope ? ` in ${node.scope}` : ""}`;
  if (!operator)
    throw new SenetError(
      "graph",
      `${what}: the operator is not known${nearest(node.op, Object.keys(operatorTable))}; replace it by operators of the table.`,
    );
  if (operator.domain === "senet") {
    throw new SenetError("graph", `${what} is a composite that no ONNX engine knows; lower the graph first.`);
  }
  return operator;
}

function encodeNode(
  node: Node,
  name: string,
  names: ReadonlyMap<Value, string>,
  operator: Operator,
): NodeProto {
  const input = node.inputs.map((value) => (value ? nameOf(value, names) : ""));
  while (input.at(-1) === "") input.pop();
  return create(NodeProtoSchema, {
    name,
    opType: operator.type ?? node.op,
    domain: operator.domain,
    // For `readOnnx`, where ONNX knows no such difference.
    docString: operator.type === undefined ? "" : node.op,
    input,
    output: node.outputs.map((value) => nameOf(value, names)),
    attribute: encodeAttributes(node, operator, name),
  });
}

function identity(output: string, source: string): NodeProto {
  return create(NodeProtoSchema, {
    name: copyNodeName(output),
    opType: "Identity",
    input: [source],
    output: [output],
  });
}

/** ONNX declares the element type and shape of inputs and outputs; symbols become `dim_param`. */
function valueInfo(name: string, { dtype, shape }: Value): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  const tensorType = { elemType: dtypes[dtype].onnx, shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: tensorType } },
  });
}

function storedTensors(graph: Graph, names: ReadonlyMap<Value, string>): StoredTensor[] {
  return storedValues(graph)
    .filter(usesOf(graph).isStored)
    .map((value) => ({ name: nameOf(value, names), role: value.role, tensor: value.tensor }));
}

function nameOf(value: Value, names: ReadonlyMap<Value, string>): string {
  const name = names.get(value);
  if (name === undefined) {
    throw new SenetError(
      "graph",
      `A ${value.role} value is read but neither fed, stored nor computed before; verify the graph.`,
    );
  }
  return name;
}
