import type { NodeProto, ValueInfoProto } from "onnx-buf";
import { nearest, reasonOf, SenetError } from "../base/errors.ts";
import { findOperator, type GraphBuilder } from "../ir/builder.ts";
import type { DType } from "../ir/dtype.ts";
import { type Attrs, type Graph, Value } from "../ir/graph.ts";
import type { Operator } from "../ir/operator.ts";
import type { Shape } from "../ir/shape.ts";
import { newGraph, operatorTable } from "../ops/new-graph.ts";
import { type AddNode, foldingAdder } from "../passes/graph/fold-constants.ts";
import { removeDeadNodes } from "../passes/graph/remove-dead-nodes.ts";
import { decodeAttributes } from "./decode-attributes.ts";
import type { ExternalData } from "./external-data.ts";
import { malformed } from "./malformed.ts";
import { modernize } from "./modernize.ts";
import { copyNodeName } from "./names.ts";
import { scopeOf } from "./node-scope.ts";
import { parseModel } from "./parse-model.ts";
import type { PendingNode } from "./pending.ts";
import { readDim, readDType } from "./read-tensor.ts";
import { recoverRoles } from "./recover-roles.ts";
import { rewriteOperator, rewrittenOperators } from "./rewrite-operators.ts";
import { splitStatistics } from "./split-statistics.ts";
import { readStoredTensors } from "./stored-tensors.ts";

/** Everything known while the nodes of one file are added to a graph. */
interface Reading {
  readonly b: GraphBuilder;
  readonly add: AddNode;
  readonly opset: number;
  readonly values: Map<string, Value>;
}

/** Options of `readOnnx`. */
export interface ReadOnnxOptions {
  /** Finds files with weights outside the model file; without it such a model is refused. */
  readonly externalData?: ExternalData | undefined;
}

/** Axes of a tensor: far above what networks have. */
const MAX_AXES = 64;
/** Characters of a symbolic dimension; each window or product makes it longer. */
const MAX_SYMBOL = 4096;

/**
 * The graph in an `.onnx` file: operator set 7 to 26, operators of the standard and of `com.microsoft` that the table has or that can
 * be written in those. Everything is converted to opset 18 (see `modernize`), and what does not depend on the inputs is computed,
 * which removes exporters' arithmetic with shapes (see `foldConstants`). Shapes are inferred anew from the declared inputs. Files
 * this package wrote come back as the same graph, but for parameters and states that are fed (a training step's): in a file
 * these are inputs like any other. In files from other programs, parameters and statistics are recognized by use (see `recoverRoles`): a tensor
 * that several layers share is one parameter, and statistics are each normalization's own (see `splitStatistics`).
 *
 * @param bytes untrusted; no length in them is used before the data is known to be there.
 * @throws SenetError `file`, one sentence naming the node or tensor, for everything it cannot read.
 * @example const graph = readOnnx(readFileSync("resnet18.onnx"));
 */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): Graph {
  const { graph, opset, metadata } = parseModel(bytes);
  const { tensors, nodes } = splitStatistics(readStoredTensors(graph, options.externalData), graph);
  const b = newGraph(graph.name);
  for (const [key, text] of Object.entries(metadata)) b.note(key, text);

  const values = new Map<string, Value>();
  for (const input of graph.input) {
    // Old files list stored tensors among the inputs too, as defaults that may be overridden.
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

  if (graph.output.length === 0) malformed("it gives nothing out; export it again");
  const outputs = new Set(graph.output.map((output) => output.name));
  if (outputs.size < graph.output.length) malformed("two outputs have the same name");
  const reading: Reading = { b, add: foldingAdder(b), opset, values };
  for (const node of nodes) readNode(node, reading, outputs);
  for (const { name } of graph.output) {
    b.output(name, values.get(name) ?? malformed(`output "${name}" is never computed`));
  }
  return removeDeadNodes(b.build());
}

function readType(input: ValueInfoProto): { dtype: DType; shape: Shape } {
  const what = `input "${input.name}"`;
  const type = input.type?.value;
  if (type?.case !== "tensorType")
    return malformed(`${what}: expected a tensor, found ${type?.case ?? "no type"}`);
  const dims = type.value.shape?.dim ?? malformed(`${what} declares no shape; export it with one`);
  const shape = dims.map(({ value }, axis) => {
    // Some exporters write −1 where the size is not known.
    if (value.case === "dimValue" && value.value >= 0n) return readDim(value.value, what);
    return (value.case === "dimParam" && value.value) || `${input.name}_dim${axis}`;
  });
  return { dtype: readDType(type.value.elemType, what), shape };
}

function readNode(node: NodeProto, reading: Reading, outputs: ReadonlySet<string>): void {
  const what = `node "${node.name || node.output[0] || ""}" (${node.opType})`;
  const { b, values } = reading;
  const inputs = node.input.map((name) => (name === "" ? null : (values.get(name) ?? missing(name, what))));
  const [output] = node.output;
  const [source] = inputs;
  // `writeOnnx` adds a node where a value is given out under a second name; a graph needs none.
  const isCopy = node.opType === "Identity" && outputs.has(output) && node.name === copyNodeName(output);
  if (isCopy && source) {
    define(output, source, values, what);
    return;
  }

  const op = operatorName(node);
  const operator = operatorOf(op, node, what);
  const pending: PendingNode = {
    op,
    opset: reading.opset,
    what,
    inputs,
    attributes: node.attribute,
    outputCount: node.output.length,
    add: reading.add,
    constant: (content) => b.constant(content),
  };
  const results = guard(what, () => b.within(scopeOf(node), () => addNode(pending, operator)));
  for (const { shape } of results) checkShape(shape, what);
  for (const [i, name] of node.output.entries()) {
    // More outputs than the operator has here (Dropout's mask) are an error only if something reads them.
    if (name !== "" && i < results.length) define(name, results[i], values, what);
  }
}

/** Of operators in files that ONNX Runtime saved as it runs them, or that were rewritten for one machine. */
const ENGINE_LAYOUT = "com.microsoft.nchwc";

/** What the table calls a node's operator: as the file does, or as `writeOnnx` wrote beside it. */
function operatorName({ docString, opType }: NodeProto): string {
  return findOperator(operatorTable, docString)?.type === opType ? docString : opType;
}

/** The operator of the table; undefined for one that comes in as others. */
function operatorOf(op: string, node: NodeProto, what: string): Operator | undefined {
  const domain = node.domain === "ai.onnx" ? "" : node.domain;
  if (domain === ENGINE_LAYOUT) {
    return malformed(
      `${what}: computes in the layout of ONNX Runtime on one machine, which can only be run; take the network that this file was made from`,
    );
  }
  const operator = findOperator(operatorTable, op);
  if (operator?.domain === domain && (operator.type ?? op) === node.opType) return operator;
  const rewritten = domain === "" ? rewrittenOperators : [];
  if (rewritten.includes(node.opType)) return undefined;
  const known = Object.keys(operatorTable).filter(
    (name) => operatorTable[name].domain === domain && operatorTable[name].type === undefined,
  );
  return malformed(
    `${what}: operator ${node.opType} of domain "${domain || "ai.onnx"}" is not supported${nearest(node.opType, [...known, ...rewritten])}`,
  );
}

function addNode(pending: PendingNode, operator: Operator | undefined): readonly Value[] {
  const { op, what } = pending;
  if (!operator || operator.domain === "") {
    modernize(pending);
    const results = rewriteOperator(pending);
    if (results) return results;
  }
  if (!operator) return malformed(`${what}: operator ${op} is not supported`);
  const most = operator.arity[1];
  if (pending.inputs.length > most) {
    malformed(`${what}: expected at most ${most} inputs, found ${pending.inputs.length}`);
  }
  const attrs: Attrs = decodeAttributes(pending.attributes, operator, what);
  if (attrs.training_mode === 1) {
    malformed(`${what} is in training mode; export the model in evaluation mode`);
  }
  return pending.add(op, pending.inputs, attrs);
}

/** Shape rules may meet anything here; whatever they trip over, it is the file that is wrong. */
function guard<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof SenetError && error.code === "file") throw error;
    const reason = error instanceof SenetError ? reasonOf(error) : `its inputs do not fit (${error})`;
    return malformed(`${what}: ${reason}`, error);
  }
}

/** Shapes that no network has would cost time and memory without end. */
function checkShape(shape: Shape, what: string): void {
  if (shape.length > MAX_AXES) {
    malformed(`${what}: expected at most ${MAX_AXES} dimensions, found ${shape.length}`);
  }
  if (shape.some((dim) => typeof dim === "string" && dim.length > MAX_SYMBOL)) {
    malformed(`${what}: its size is too long a formula; export the model with a fixed input size`);
  }
}

function define(name: string, value: Value, values: Map<string, Value>, what: string): void {
  if (values.has(name)) malformed(`${what} computes "${name}", which exists already`);
  values.set(name, value);
}

function missing(name: string, what: string): never {
  return malformed(`${what} reads "${name}", which nothing before it computes or stores`);
}
