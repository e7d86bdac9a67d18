import type { NodeProto, ValueInfoProto } from "onnx-buf";
import { nearest, SenetError } from "../errors.ts";
import { GraphBuilder } from "../ir/builder.ts";
import type { DType } from "../ir/dtype.ts";
import { type Attr, type Graph, Value } from "../ir/graph.ts";
import type { Operator, OperatorTable } from "../ir/operator.ts";
import type { Shape } from "../ir/shape.ts";
import { decodeAttributes } from "./decode-attributes.ts";
import { malformed } from "./malformed.ts";
import { copyNodeName } from "./names.ts";
import { nodeScope } from "./node-scope.ts";
import { parseModel } from "./parse-model.ts";
import { readDim, readDType } from "./read-tensor.ts";
import { recoverRoles } from "./recover-roles.ts";
import { readStoredTensors } from "./stored-tensors.ts";

/** Everything known while the nodes of one file are added to a graph. */
interface Reading {
  readonly b: GraphBuilder;
  readonly operators: OperatorTable;
  readonly opset: number;
  readonly values: Map<string, Value>;
}

/**
 * The graph in an `.onnx` file: opset 13 to 24, standard and `com.microsoft` operators of the table, weights
 * inside the file. Shapes are inferred anew from the declared inputs. Files this package wrote come back as
 * the same graph, but for parameters and states that are fed (a training step's): in a file these are inputs like any other.
 * In files of others, what is learned and tracked is recognised by use (see `recoverRoles`).
 *
 * @param bytes untrusted; no length in them is believed before the data is seen to be there.
 * @throws SenetError `file`, one sentence naming the node or tensor, for everything it cannot read.
 * @example const graph = decodeOnnx(readFileSync("resnet18.onnx"), operators);
 */
export function decodeOnnx(bytes: Uint8Array, operators: OperatorTable): Graph {
  const { graph, opset, metadata } = parseModel(bytes);
  const { tensors, nodes } = readStoredTensors(graph);
  const b = new GraphBuilder(operators, graph.name);
  for (const [key, text] of Object.entries(metadata)) b.note(key, text);

  const values = new Map<string, Value>();
  for (const input of graph.input) {
    // Old files list stored tensors among the inputs too, as values one may override.
    if (tensors.has(input.name)) continue;
    if (values.has(input.name)) malformed(`two inputs are named "${input.name}"`);
    const { dtype, shape } = readType(input);
    values.set(input.name, b.input(input.name, dtype, shape));
  }
  const roles = new Map(
    [...recoverRoles(nodes, tensors)].map(([stored, role]) => {
      const options = role === "constant" ? {} : { name: stored.name };
      const { dtype, shape } = stored.tensor;
      return [stored, new Value(role, dtype, shape, { ...options, tensor: stored.tensor })];
    }),
  );
  for (const [name, stored] of tensors) {
    const value = roles.get(stored);
    if (value) values.set(name, value);
  }

  const outputs = new Set(graph.output.map((output) => output.name));
  if (outputs.size < graph.output.length) malformed("two outputs have the same name");
  const reading: Reading = { b, operators, opset, values };
  for (const node of nodes) readNode(node, reading, outputs);
  for (const { name } of graph.output) {
    b.output(name, values.get(name) ?? malformed(`output "${name}" is never computed`));
  }
  return b.build();
}

function readType(input: ValueInfoProto): { dtype: DType; shape: Shape } {
  const what = `input "${input.name}"`;
  const type = input.type?.value;
  if (type?.case !== "tensorType")
    return malformed(`${what}: expected a tensor, found ${type?.case ?? "no type"}`);
  const dims = type.value.shape?.dim ?? malformed(`${what} declares no shape; export it with one`);
  const shape = dims.map(({ value }, axis) => {
    if (value.case === "dimValue") return readDim(value.value, what);
    return value.value || `${input.name}_dim${axis}`;
  });
  return { dtype: readDType(type.value.elemType, what), shape };
}

function readNode(node: NodeProto, reading: Reading, outputs: ReadonlySet<string>): void {
  const what = `node "${node.name || node.output[0] || ""}" (${node.opType})`;
  const { b, values } = reading;
  const inputs = node.input.map((name) => (name === "" ? null : (values.get(name) ?? missing(name, what))));
  const [output] = node.output;
  const [source] = inputs;
  // `encodeOnnx` adds a node where a value is given out under a second name; a graph needs none.
  const isCopy = node.opType === "Identity" && outputs.has(output) && node.name === copyNodeName(output);
  if (isCopy && source) {
    define(output, source, values, what);
    return;
  }

  const operator = findOperator(node, reading.operators, what);
  const [attrs, operands] = modernize(node, inputs, operator, reading, what);
  const results = b.within(nodeScope(node.name), () => addNode(b, node.opType, operands, attrs, what));
  for (const [i, name] of node.output.entries()) {
    // More outputs than the operator has here (Dropout's mask) are an error only if something reads them.
    if (name !== "" && i < results.length) define(name, results[i], values, what);
  }
}

function findOperator(node: NodeProto, operators: OperatorTable, what: string): Operator {
  const domain = node.domain === "ai.onnx" ? "" : node.domain;
  const operator = Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined;
  if (operator?.domain !== domain) {
    const known = Object.keys(operators).filter((name) => operators[name].domain === domain);
    malformed(
      `${what}: operator ${node.opType} of domain "${domain || "ai.onnx"}" is not supported${nearest(node.opType, known)}`,
    );
  }
  return operator;
}

/** Attributes and inputs as opset 18 has them. */
function modernize(
  node: NodeProto,
  inputs: (Value | null)[],
  operator: Operator,
  { b, opset }: Reading,
  what: string,
): [Record<string, Attr>, (Value | null)[]] {
  const operands = inputs.slice(0, operator.arity[1]);
  const axes = node.attribute.find(({ name }) => name === "axes");
  const convert = opset < 18 && axes && node.opType.startsWith("Reduce") && operands.length === 1;
  if (convert) operands.push(b.constant(axes.ints.map(Number)));
  if (inputs.length > operator.arity[1]) {
    malformed(`${what}: expected at most ${operator.arity[1]} inputs, found ${inputs.length}`);
  }
  const rest = convert ? { ...node, attribute: node.attribute.filter((other) => other !== axes) } : node;
  const attrs = decodeAttributes(rest, operator, what);
  if (attrs.training_mode === 1) {
    malformed(`${what} is in training mode; export the model in evaluation mode`);
  }
  const weight = operands[1]?.shape.slice(2);
  // ONNX lets a convolution leave its kernel's size to the weight.
  if (
    operator.attributes.kernel_shape &&
    !attrs.kernel_shape &&
    weight?.every((dim) => typeof dim === "number")
  ) {
    attrs.kernel_shape = weight;
  }
  return [attrs, operands];
}

function addNode(
  b: GraphBuilder,
  op: string,
  inputs: readonly (Value | null)[],
  attrs: Readonly<Record<string, Attr>>,
  what: string,
): readonly Value[] {
  try {
    return b.ops(op, inputs, attrs);
  } catch (error) {
    // Shape rules may meet anything here; whatever they trip over, it is the file that is wrong.
    const reason =
      error instanceof SenetError ? error.message.replace(/\.$/, "") : `its inputs do not fit (${error})`;
    return malformed(`${what}: ${reason}`, error);
  }
}

function define(name: string, value: Value, values: Map<string, Value>, what: string): void {
  if (values.has(name)) malformed(`${what} computes "${name}", which exists already`);
  values.set(name, value);
}

function missing(name: string, what: string): never {
  return malformed(`${what} reads "${name}", which nothing before it computes or stores`);
}
