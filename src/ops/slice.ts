import { SenetError } from "../base/errors.ts";
import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { constantNumbers, copying, knownDim, normalAxis, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Slice.html: data, starts, ends, axes, steps (positive or −1). */
export const Slice = operator({
  ...copying,
  arity: [4, 5],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    const starts = constantNumbers(inputs, 1, "starts", what);
    const ends = constantNumbers(inputs, 2, "ends", what);
    const axes = constantNumbers(inputs, 3, "axes", what);
    const steps = inputs[4] ? constantNumbers(inputs, 4, "steps", what) : axes.map(() => 1);
    if ([starts, ends, steps].some(({ length }) => length !== axes.length) || steps.includes(0)) {
      throw new SenetError(
        "shape",
        `${what}: expected a start, an end and a step other than 0 for each axis, found starts ${starts}, ends ${ends}, axes ${axes}, steps ${steps}; correct them.`,
      );
    }
    const shape = [...x.shape];
    axes.forEach((named, i) => {
      const axis = normalAxis(named, shape.length, what);
      shape[axis] = sliceLength(knownDim(shape, axis, what), starts[i], ends[i], steps[i]);
    });
    return [{ dtype: x.dtype, shape }];
  },
  vjp({ b, inputs: [x, starts, ends, axes, ...steps], grad }) {
    const numbers = (value: typeof x) => Array.from(value.tensor?.data ?? [], Number);
    if (steps.flatMap(numbers).some((step) => step !== 1)) {
      throw new SenetError(
        "gradient",
        "Slice: the gradient is written for steps of 1 only; slice with these.",
      );
    }
    const shape = knownShape(x);
    const before = shape.map(() => 0);
    const after = shape.map(() => 0);
    numbers(axes).forEach((named, i) => {
      const axis = normalAxis(named, shape.length, "Slice");
      const [start, end] = [numbers(starts)[i], numbers(ends)[i]].map((place) =>
        clamp(place < 0 ? place + shape[axis] : place, 0, shape[axis]),
      );
      before[axis] = start;
      after[axis] = shape[axis] - end;
    });
    return [
      b.op("Pad", [grad, b.constant([...before, ...after])]),
      null,
      null,
      null,
      ...steps.map(() => null),
    ];
  },
});

function sliceLength(size: number, start: number, end: number, step: number): number {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const first = clamp(start < 0 ? start + size : start, low, high);
  const last = clamp(end < 0 ? end + size : end, low, high);
  return Math.max(0, Math.ceil((last - first) / step));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
