import { SenetError } from "../base/errors.ts";
import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import type { Dim } from "../ir/shape.ts";
import { constantNumbers, normalAxis, required, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Unsqueeze.html: data, axes of the result that are new, of size 1. */
export const Unsqueeze = operator({
  ...view,
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    const named = constantNumbers(inputs, 1, "axes", what);
    const rank = shape.length + named.length;
    const added = new Set(named.map((axis) => normalAxis(axis, rank, what)));
    if (added.size < named.length) {
      throw new SenetError(
        "shape",
        `${what}: axes should differ, found ${named.join(", ")}; name each once.`,
      );
    }
    const old = shape.values();
    const result = Array.from(
      { length: rank },
      (_, axis): Dim => (added.has(axis) ? 1 : (old.next().value ?? 1)),
    );
    return [{ dtype, shape: result }];
  },
  vjp: ({ b, inputs: [x], grad }) => [b.op("Reshape", [grad, b.constant(knownShape(x))]), null],
});
