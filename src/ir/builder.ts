import { nearest, SenetError } from "../base/errors.ts";
import type { DType } from "./dtype.ts";
import { type Attr, type Attrs, type Graph, type Node, type Output, Value } from "./graph.ts";
import type { Shape } from "./shape.ts";
import type { Signature, Signatures } from "./signature.ts";
import { type Tensor, tensor } from "./tensor.ts";

/**
 * Builds a graph node by node. Shapes are inferred as nodes are added, so a mistake is reported where it
 * is made. Scopes name what is built in them, as PyTorch names modules.
 *
 * @example
 * const b = newGraph("twice");
 * const x = b.input("x", "float32", ["N", 3]);
 * b.output("y", b.op("Add", [x, x]));
 * const graph = b.build();
 */
export class GraphBuilder {
  readonly #operators: Signatures;
  readonly #name: string;
  readonly #inputs: Value[] = [];
  readonly #nodes: Node[] = [];
  readonly #outputs: Output[] = [];
  readonly #metadata: Record<string, string>;
  /** Names the random streams from which layers draw initial parameters. */
  readonly seed: number;
  readonly #names = new Set<string>();
  #scope: string[] = [];

  /** Starts empty, or from everything `from` holds (values and nodes are shared, `from` stays as it is). */
  constructor(operators: Signatures, name: string, { from, seed = 0 }: { from?: Graph; seed?: number } = {}) {
    this.#operators = operators;
    this.#name = name;
    this.seed = seed;
    this.#metadata = { ...from?.metadata };
    if (from) {
      this.#inputs.push(...from.inputs);
      this.#nodes.push(...from.nodes);
      this.#outputs.push(...from.outputs);
      for (const output of from.outputs) this.#names.add(output.name);
    }
  }

  /** Runs `body` with `name` appended to the path that names parameters and nodes. */
  scope<T>(name: string | number, body: () => T): T {
    return this.#at([...this.#scope, `${name}`], body);
  }

  /** Runs `body` with the whole path set to `scope`. */
  within<T>(scope: string, body: () => T): T {
    return this.#at(scope === "" ? [] : [scope], body);
  }

  /** The present path, `layer1.0.conv1`, with `name` below it. */
  path(name?: string): string {
    return [...this.#scope, ...(name === undefined ? [] : [name])].join(".");
  }

  /** Something to be fed when the graph runs. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = new Value("input", dtype, shape, { name });
    this.#inputs.push(value);
    return value;
  }

  /** Makes parameters and states inputs as well: they are fed at each run instead of being stored. */
  feed(values: readonly Value[]): void {
    this.#inputs.push(...values);
  }

  /** Something learned, named by the present scope. */
  parameter(name: string, content: Tensor): Value {
    return this.#stored("parameter", name, content);
  }

  /** Something tracked but not learned, named by the present scope. */
  state(name: string, content: Tensor): Value {
    return this.#stored("state", name, content);
  }

  /** A constant without a name. Plain numbers become a float32 scalar or an int64 vector (ONNX's type for shapes and axes). */
  constant(content: Tensor | number | readonly number[]): Value {
    const stored = asTensor(content);
    return new Value("constant", stored.dtype, stored.shape, { tensor: stored });
  }

  /** A node's only output. */
  op(op: string, inputs: readonly (Value | null)[], attrs: Attrs = {}): Value {
    return this.ops(op, inputs, attrs)[0];
  }

  /** A node with all its outputs. */
  ops(op: string, inputs: readonly (Value | null)[], attrs: Attrs = {}): readonly Value[] {
    const operator = findOperator(this.#operators, op);
    if (!operator) {
      throw new SenetError(
        "unknown-name",
        `Operator "${op}" is not known${nearest(op, Object.keys(this.#operators))}; correct its name.`,
      );
    }
    const what = `${op}${this.#scope.length > 0 ? ` in ${this.path()}` : ""}`;
    const complete = completeAttributes(operator, attrs, what);
    const mismatch = arityMismatch(operator, inputs.length);
    if (mismatch) throw new SenetError("shape", `${what}: ${mismatch}`);
    const outputs = operator
      .infer(inputs, complete, what)
      .map(({ dtype, shape }) => new Value("computed", dtype, shape));
    const node: Node = { op, scope: this.path(), inputs, attrs: complete, outputs };
    for (const output of outputs) output.producer = node;
    this.#nodes.push(node);
    return outputs;
  }

  /** Gives `value` out under `name`. */
  output(name: string, value: Value): void {
    if (this.#names.has(name)) {
      throw new SenetError("graph", `Graph ${this.#name}: output "${name}" is given twice; rename one.`);
    }
    this.#names.add(name);
    this.#outputs.push({ name, value });
  }

  /** Free text kept with the graph. */
  note(key: string, text: string): void {
    this.#metadata[key] = text;
  }

  /** The graph of what was added so far. */
  build(): Graph {
    return {
      name: this.#name,
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      nodes: [...this.#nodes],
      metadata: { ...this.#metadata },
    };
  }

  #at<T>(scope: string[], body: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  #stored(role: "parameter" | "state", name: string, content: Tensor): Value {
    return new Value(role, content.dtype, content.shape, { name: this.path(name), tensor: content });
  }
}

/** The operator of that name; a name that every object has, such as `toString`, is none. */
export function findOperator<T extends Signature>(
  operators: Readonly<Record<string, T>>,
  op: string,
): T | undefined {
  return Object.hasOwn(operators, op) ? operators[op] : undefined;
}

/** What is wrong with a count of inputs, if anything. */
export function arityMismatch({ arity: [min, max] }: Signature, found: number): string | undefined {
  if (found >= min && found <= max) return undefined;
  return `expected ${min === max ? min : `${min} to ${max}`} inputs, found ${found}; pass as many.`;
}

/** `attrs` with defaults filled in; unknown and missing names are errors. */
export function completeAttributes(operator: Signature, attrs: Attrs, what: string): Attrs {
  const known = operator.attributes;
  for (const name of Object.keys(attrs)) {
    if (!Object.hasOwn(known, name)) {
      throw new SenetError(
        "graph",
        `${what}: attribute "${name}" is not known${nearest(name, Object.keys(known))}; correct its name.`,
      );
    }
  }
  const complete: Record<string, Attr> = {};
  for (const [name, { default: fallback }] of Object.entries(known)) {
    const value = attrs[name] ?? fallback;
    if (value === undefined) {
      throw new SenetError("graph", `${what}: attribute "${name}" is missing and has no default; pass it.`);
    }
    complete[name] = value;
  }
  return complete;
}

function asTensor(content: Tensor | number | readonly number[]): Tensor {
  if (typeof content === "number") return tensor([], [content]);
  return "dtype" in content ? content : tensor([content.length], content, "int64");
}
