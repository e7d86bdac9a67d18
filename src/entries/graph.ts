/**
 * Graphs and what they are made of: values, nodes, operators, tensors; building, checking and printing them.
 *
 * @example
 * import { newGraph, printGraph, verify } from "senet/graph";
 * const b = newGraph("double");
 * const x = b.input("x", "float32", ["N", 3]);
 * b.output("y", b.op("Add", [x, x]));
 * verify(b.build());
 * printGraph(b.build());
 *
 * @module
 */
export type { GraphBuilder } from "../ir/builder.ts";
export { type DType, dtypes } from "../ir/dtype.ts";
export {
  type Attr,
  type Attrs,
  type Graph,
  type Node,
  type Output,
  parametersOf,
  type Role,
  statesOf,
  storedValues,
  type Value,
} from "../ir/graph.ts";
export {
  type Cost,
  type Domain,
  type Kind,
  kinds,
  type Mapping,
  type NonDifferentiable,
  type Operator,
  type OperatorTable,
  type Sizes,
  type VjpContext,
} from "../ir/operator.ts";
export { print as printGraph } from "../ir/print.ts";
export { type Dim, formatShape, type Shape } from "../ir/shape.ts";
export type { AttrSpec, AttrSpecs, AttrsOf, Signature, ValueType, Widen } from "../ir/signature.ts";
export { lazyTensor, scalar, type Tensor, type TensorData, tensor, zeros } from "../ir/tensor.ts";
export { type OperatorName, operators } from "../ops/index.ts";
export { newGraph } from "../ops/new-graph.ts";
export { verify } from "../ops/verify.ts";
