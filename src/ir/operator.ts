import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./graph.ts";
import type { AttrSpecs, AttrsOf, Signature } from "./signature.ts";

/** The kinds of work that are counted apart, in the order in which they are shown. */
export const kinds = [
  "convolution",
  "linear",
  "normalization",
  "activation",
  "pooling",
  /** Products of two computed tensors, such as a map and its gate. */
  "scale",
  /** Sums (and means, element by element) of computed tensors, such as a residual branch and its shortcut. */
  "sum",
  /** All else: copies, views, arithmetic with constants, optimizers. */
  "other",
] as const;

/** What operators are counted as. */
export type Kind = (typeof kinds)[number];

/**
 * How the elements of an operator's output follow from those of its inputs:
 *
 * - `view`: those of the first input in the same order, with another shape or name; an engine copies nothing. So is `Dropout` at inference.
 * - `element-wise`: each from those at its position; the output has the first input's shape and dtype.
 * - `broadcast`: the same, where two or more inputs broadcast to the output's shape.
 * - `other`: in any other way.
 */
export type Mapping = "view" | "element-wise" | "broadcast" | "other";

/** Arithmetic of one execution. 1 MAC = 2 FLOPs; `flops` counts everything, MACs included. */
export interface Cost {
  /** Multiply-accumulates of convolutions and matrix products. */
  readonly macs: number;
  /** All floating-point operations: 2 per MAC, 1 per element-wise operation (an `exp` counts as 1). */
  readonly flops: number;
}

/** A shape without symbols. */
export type Sizes = readonly number[];

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

/**
 * `""` for the ONNX standard, `com.microsoft` for ONNX Runtime's own (`com.microsoft.nchwc`: internal to it), `senet` for
 * composites that must be lowered.
 */
export type Domain = "" | "com.microsoft" | "com.microsoft.nchwc" | "senet";

/** All the package knows of one operator, except how it is computed (`reference/`) and, for a composite, lowered (`passes/lower/`). */
export interface Operator<S extends AttrSpecs = AttrSpecs, D extends Domain = Domain> extends Signature<S> {
  readonly domain: D;
  /** Its name in the domain, where the table has to call it otherwise. */
  readonly type?: string;
  readonly kind: Kind;
  readonly mapping: Mapping;
  /** Gradient of the inputs, or why there is none. */
  readonly vjp: Vjp<AttrsOf<S>> | NonDifferentiable;
  /** Arithmetic of one run. */
  cost(inputs: readonly (Sizes | null)[], outputs: readonly Sizes[], attrs: AttrsOf<S>): Cost;
}

/** What most operators share need not be said: the standard domain, no attributes, the mapping `other`. */
type Usual = "domain" | "attributes" | "mapping";
type Definition<S extends AttrSpecs, D extends Domain> = Omit<Operator<S, D>, Usual> &
  Partial<Pick<Operator<S, D>, Usual>>;

/** Declares an operator, inferring the types of its attributes from their specification. */
export function operator<const S extends AttrSpecs = Record<never, never>, D extends Domain = "">(
  definition: Definition<S, D>,
): Operator<S, D> {
  return { domain: "" as D, attributes: {} as S, mapping: "other", ...definition };
}

/** Operators by name. */
export type OperatorTable = Readonly<Record<string, Operator>>;
