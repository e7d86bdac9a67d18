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

/** Attributes of an operator by name. */
export type AttrSpecs = Readonly<Record<string, AttrSpec>>;

/** The attributes a node holds, completed with defaults, typed from their specification. */
export type AttrsOf<S extends AttrSpecs> = {
  readonly [K in keyof S]: S[K] extends AttrSpec<infer T> ? Widen<T> : never;
};
/** A default stands for all values of its kind. */
export type Widen<T> = T extends number ? number : T extends string ? string : readonly number[];

/** What a shape rule says of one output. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** What building a graph asks of an operator. */
export interface Signature<S extends AttrSpecs = AttrSpecs> {
  readonly attributes: S;
  /** Minimum and maximum number of inputs. */
  readonly arity: readonly [number, number];
  /** Shape and dtype of each output. Throws SenetError `shape`. `what` names the node for messages. */
  infer(inputs: readonly (Value | null)[], attrs: AttrsOf<S>, what: string): readonly ValueType[];
}

export type Signatures = Readonly<Record<string, Signature>>;
