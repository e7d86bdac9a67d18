import { knownShape, type Value } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { constantNumbers, normalAxis, required, sameDim, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Squeeze.html: data, axes of size 1 to drop (none named: all of them). */
export const Squeeze = operator({
  ...view,
  arity: [1, 2],
  infer(inputs, _attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    const dropped = droppedAxes(inputs, what);
    for (const axis of dropped) sameDim(shape[axis], 1, "only dimensions of 1 can be dropped", what);
    return [{ dtype, shape: shape.filter((_, axis) => !dropped.includes(axis)) }];
  },
  vjp({ b, inputs, grad }) {
    const dx = b.op("Reshape", [grad, b.constant(knownShape(inputs[0]))]);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
});

function droppedAxes(inputs: readonly (Value | null)[], what: string): number[] {
  const { shape } = required(inputs, 0, what);
  if (!inputs[1]) return shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  return constantNumbers(inputs, 1, "axes", what).map((axis) => normalAxis(axis, shape.length, what));
}
