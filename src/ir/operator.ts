import type { GraphBuilder } from "./builder.ts";
import type { DType } from "./dtype.ts";
import type { Attr, Value } from "./graph.ts";
import type { Shape } from "./shape.ts";

/** Kind of an attribute in an ONNX file, and its default (none: it must be given). */
export interface AttrSpec<T extends Attr = Attr> {
  readonly kind: "int" | "float" | "string" | "ints";
  readonly default?: T;
}

/** How an operator declares its attributes: `{ strides: attr.ints([1, 1]) }`. */
export const attr = {
  int: (value?: number) => spec("int", value),
  float: (value?: number) => spec("float", value),
  string: (value?: string) => spec("string", value),
  ints: (value?: readonly number[]) => spec("ints", value),
};

function spec<T extends Attr>(kind: AttrSpec["kind"], value: T | undefined): AttrSpec<T> {
  return value === undefined ? { kind } : { kind, default: value };
}

export type AttrSpecs = Readonly<Record<string, AttrSpec>>;

/** The attributes a node holds, completed with defaults, typed from their specification. */
export type AttrsOf<S extends AttrSpecs> = {
  readonly [K in keyof S]: S[K] extends AttrSpec<infer T> ? Widen<T> : never;
};
type Widen<T> = T extends number ? number : T extends string ? string : readonly number[];

/** What a shape rule says of one output. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Arithmetic of one execution. 1 MAC = 2 FLOPs; `flops` counts everything, MACs included. */
export interface Cost {
  /** Multiply-accumulates of convolutions and matrix products. */
  readonly macs: number;
  /** All floating-point operations: 2 per MAC, 1 per element-wise operation (an `exp` counts as 1). */
  readonly flops: number;
}

/** What a gradient rule sees. `grads[i]` is null when the loss does not depend on output i. */
export interface VjpContext<A> {
  readonly b: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attrs: A;
  readonly grads: readonly (Value | null)[];
  /** The gradient of the first output, for the many operators with only one. */
  readonly grad: Value;
  /** Whether the gradient of input i is wanted; rules may return null for the others. */
  readonly needs: readonly boolean[];
}

/** Vector-Jacobian product: one gradient per input, null where there is none. May be larger than its input by broadcasting. */
export type Vjp<A> = {
  // Declared as a method, so that an operator with its own attributes fits into the table of all operators.
  rule(context: VjpContext<A>): readonly (Value | null)[];
}["rule"];

/** Why an operator has no gradient. */
export interface NonDifferentiable {
  readonly reason: string;
}

export function nonDifferentiable(reason: string): NonDifferentiable {
  return { reason };
}

/** All the package knows of one operator, except how it is computed (`reference/`) and, for a composite, lowered (`passes/lower/`). */
export interface Operator<S extends AttrSpecs = AttrSpecs> {
  /**
   * `""` for the ONNX standard, `com.microsoft` for ONNX Runtime's own (`com.microsoft.nchwc`: internal to it), `senet` for
   * composites that must be lowered.
   */
  readonly domain: "" | "com.microsoft" | "com.microsoft.nchwc" | "senet";
  /** Its name in the domain, where the table has to call it otherwise. */
  readonly type?: string;
  readonly attributes: S;
  /** Least and greatest number of inputs. */
  readonly arity: readonly [number, number];
  /** Shape and dtype of each output. Throws SenetError `shape`. `what` names the node for messages. */
  infer(inputs: readonly (Value | null)[], attrs: AttrsOf<S>, what: string): readonly ValueType[];
  readonly vjp: Vjp<AttrsOf<S>> | NonDifferentiable;
  /** Shapes are known when this is called. */
  cost(inputs: readonly (Shape | null)[], outputs: readonly Shape[], attrs: AttrsOf<S>): Cost;
}

/** Declares an operator, inferring the types of its attributes from their specification. */
export function operator<const S extends AttrSpecs>(definition: Operator<S>): Operator<S> {
  return definition;
}

export type OperatorTable = Readonly<Record<string, Operator>>;
