import { SenetError } from "../base/errors.ts";
import type { DType } from "./dtype.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** An attribute of a node, as ONNX knows them. */
export type Attr = number | string | readonly number[];

/** A node's attributes by name. */
export type Attrs = Readonly<Record<string, Attr>>;

/** What a value is in its network: data fed, something learned, something tracked, a constant, or computed. */
export type Role = "input" | "parameter" | "state" | "constant" | "computed";

/**
 * One tensor that flows through a graph. Values and nodes refer to each other directly; a name is needed
 * only for what the outside world addresses (inputs, outputs, parameters) and is invented for the
 * rest when the graph is written.
 */
export class Value {
  readonly role: Role;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly name: string | undefined;
  /** Initial content of a parameter, a state or a constant. */
  readonly tensor: Tensor | undefined;
  /** The node that computes this value; none for inputs, parameters, states and constants. */
  producer: Node | undefined;

  constructor(
    role: Role,
    dtype: DType,
    shape: Shape,
    options: { name?: string | undefined; tensor?: Tensor | undefined } = {},
  ) {
    this.role = role;
    this.dtype = dtype;
    this.shape = shape;
    this.name = options.name;
    this.tensor = options.tensor;
  }
}

/** One operation: operator, inputs (null where an optional one is left out), attributes, outputs. */
export interface Node {
  readonly op: string;
  /** Path of the module that made it, PyTorch-style: `layer1.0.se.fc1`. Not unique. */
  readonly scope: string;
  readonly inputs: readonly (Value | null)[];
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
}

/**
 * A network, or a training step, or anything else ONNX Runtime can execute: nodes in an order in which
 * they can be computed. A graph is never changed once built; passes return new graphs, which may share
 * values and nodes with the old one.
 */
export interface Graph {
  readonly name: string;
  /** What must be fed to run it. A parameter or state listed here is fed too instead of being stored. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Output[];
  readonly nodes: readonly Node[];
  /** Free text written into the file, such as the preprocessing a model expects. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A value and the name under which the graph gives it out. */
export interface Output {
  readonly name: string;
  readonly value: Value;
}

/** Whether a value depends on the data that is fed, as opposed to weights and constants. */
export function isFlowing(value: Value | null | undefined): value is Value {
  return value?.role === "computed" || value?.role === "input";
}

/**
 * Every parameter, state and constant a graph uses, in order of first use, each once.
 *
 * @example storedValues(net).map(({ name, role }) => `${role} ${name}`)
 */
export function storedValues(graph: Graph): Value[] {
  const found = new Set<Value>();
  const add = (value: Value | null) => {
    if (value?.tensor) found.add(value);
  };
  for (const value of graph.inputs) add(value);
  for (const node of graph.nodes) node.inputs.forEach(add);
  for (const output of graph.outputs) add(output.value);
  return [...found];
}

/**
 * The values that training changes by gradients, in order of first use.
 *
 * @example parametersOf(createModel("seresnet20"))[0].name // "conv1.weight"
 */
export function parametersOf(graph: Graph): Value[] {
  return storedValues(graph).filter((value) => value.role === "parameter");
}

/**
 * The values that training tracks but no gradient changes (BatchNorm's running statistics).
 *
 * @example statesOf(createModel("seresnet20"))[0].name // "bn1.running_mean"
 */
export function statesOf(graph: Graph): Value[] {
  return storedValues(graph).filter((value) => value.role === "state");
}

/** What names a value. */
type Named = Partial<Pick<Value, "name" | "producer" | "role">>;

/** Name for messages. */
export function describe({ name, producer, role = "input" }: Named): string {
  return name ?? (producer ? `${producer.scope || "graph"}:${producer.op}` : role);
}

/**
 * The shape of a value, all of whose dimensions must be known.
 *
 * @param what names the value for the message
 * @throws SenetError `shape` when a dimension is still a symbol
 * @example knownShape(map) // [1, 16, 32, 32]
 */
export function knownShape(
  { shape, ...value }: Named & Pick<Value, "shape">,
  what = describe(value),
): readonly number[] {
  if (shape.every((dim) => typeof dim === "number")) return shape;
  throw new SenetError(
    "shape",
    `${what}: expected known dimensions, found ${formatShape(shape)}; bind its symbols, such as the batch, to numbers first (bindDims).`,
  );
}

/** How many numbers some values hold together; all their dimensions must be known. */
export function numbersIn(values: readonly Value[]): number {
  return values.reduce((sum, value) => sum + sizeOf(knownShape(value)), 0);
}
