import type { Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { isOp, type NodeOf } from "../../ops/predicates.ts";
import type { BatchNormOptions, Desc } from "../binding/dnnl.ts";
import type { Layout } from "../plan/layouts.ts";
import { perPlanner } from "../plan/per-planner.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";
import type { Operand } from "../plan/program.ts";
import type { Form } from "./types.ts";

/** What the gradient needs of the forward pass. */
interface Kept {
  readonly desc: Desc;
  readonly options: BatchNormOptions;
  readonly shift: Value;
  readonly mean: Operand;
  readonly variance: Operand;
  readonly workspace: Operand | undefined;
}

const kept = perPlanner<Value, Kept>();

/** With the statistics of the batch, and its ReLU where there is one; the running statistics are a few numbers. */
export const planBatchNormTrain: Form<"BatchNormTrain"> = (planner, node, fusions) => {
  const [x, scale, shift, runningMean, runningVariance] = node.inputs as readonly Value[];
  const [y, mean, invStd, newMean, newVariance] = node.outputs;
  const relu = fusions.relus.get(node);
  const options = { epsilon: node.attrs.epsilon, relu: relu !== undefined, fixed: false };
  const [dims, channels] = [dimsOf(x), dimsOf(mean)];
  const { map, desc } = inMapOrder(planner, x);
  const primitive = planner.once("batchNorm", [desc, options.epsilon, options.relu], () =>
    planner.dnnl.batchNorm(desc, options),
  );
  const row = planner.layouts.plain(channels);
  const statistics = { mean: planner.result(mean, row), variance: planner.temporary(row) };
  const workspace = relu && planner.temporary(primitive.desc("workspace"));
  const result = planner.temporary(desc);
  planner.give(relu?.outputs[0] ?? y, inOrderOf(planner, result, dims));
  planner.call(
    primitive,
    {
      src: map,
      scale: planner.rows(scale),
      shift: planner.rows(shift),
      ...statistics,
      workspace,
      dst: result,
    },
    { alsoWritten: ["mean", "variance", "workspace"] },
  );
  kept(planner).set(mean, { desc, options, shift, ...statistics, workspace });
  planInverse(planner, invStd, statistics.variance, options.epsilon);
  const count = sizeOf(dims) / channels[0];
  const { momentum } = node.attrs;
  planRunning(planner, runningMean, newMean, statistics.mean, momentum, 1);
  planRunning(
    planner,
    runningVariance,
    newVariance,
    statistics.variance,
    momentum,
    count / Math.max(1, count - 1),
  );
};

/** 1/√(variance + epsilon), for who reads it other than the gradient, which uses the variance. */
function planInverse(planner: Planner, invStd: Value, variance: Operand, epsilon: number): void {
  const { uses } = planner;
  const isRead = uses.readersOf(invStd).some((node) => !isOp(node, "BatchNormGrad"));
  if (!isRead && !uses.isOutput(invStd)) return;
  const to = planner.result(invStd, variance.desc);
  planner.host([variance], [to], (from, into) => {
    for (let i = 0; i < into.length; i++) into[i] = 1 / Math.sqrt(from[i] + epsilon);
  });
}

/** The running statistic takes some of the batch's, in its own place if nothing else reads it. */
function planRunning(
  planner: Planner,
  old: Value,
  next: Value,
  batch: Operand,
  momentum: number,
  factor: number,
): void {
  const from = planner.rows(old);
  const inPlace = planner.uses.onlyReader(old) !== undefined;
  const to = inPlace ? planner.give(next, from) : planner.result(next, from.desc);
  planner.host([from, batch], [to], (before, statistic, into) => {
    for (let i = 0; i < into.length; i++) {
      into[i] = (1 - momentum) * before[i] + momentum * factor * statistic[i];
    }
  });
}

export const planBatchNormGrad: Form<"BatchNormGrad"> = (planner, node, fusions) => {
  const [dy, x, scale] = node.inputs as readonly Value[];
  const [dx, dScale, dShift] = node.outputs;
  const { desc, options, shift, workspace, variance, mean: means } = keptOf(planner, node);
  const mask = fusions.relus.get(node);
  const gradient = (mask?.inputs[0] as Value | undefined) ?? dy;
  const { dnnl, layouts } = planner;
  const primitive = planner.once("batchNormGrad", [desc, options.epsilon, options.relu], () =>
    dnnl.batchNormGrad(desc, options),
  );
  const row = layouts.plain(means.desc.dims);
  const result = planner.temporary(desc);
  planner.give(dx, inOrderOf(planner, result, dimsOf(x)));
  const args = {
    src: mapOrder(planner, x, desc),
    mean: means,
    variance,
    scale: planner.rows(scale),
    shift: dnnl.batchNormGradTakesShift ? planner.rows(shift) : undefined,
    workspace,
    diffDst: mapOrder(planner, gradient, desc),
    diffSrc: result,
    diffScale: planner.result(dScale, row),
    diffShift: planner.result(dShift, row),
  };
  planner.call(primitive, args, { reuses: ["diffDst"] });
};

/** What the forward pass has kept, or the same of what the gradient is given. */
function keptOf(planner: Planner, node: NodeOf<"BatchNormGrad">): Kept {
  const [, x, scale, mean, invStd] = node.inputs as readonly Value[];
  const found = kept(planner).get(mean);
  if (found) return found;
  const { desc } = inMapOrder(planner, x);
  const inverse = planner.rows(invStd);
  const variance = planner.temporary(inverse.desc);
  planner.host([inverse], [variance], (from, into) => {
    for (let i = 0; i < into.length; i++) into[i] = 1 / from[i] ** 2;
  });
  const options = { epsilon: 0, relu: false, fixed: false };
  // oneDNN 2.x takes the shift and does not use it.
  return { desc, options, shift: scale, mean: planner.rows(mean), variance, workspace: undefined };
}

/** With given statistics: a frozen layer. */
export const planBatchNormalization: Form<"BatchNormalization"> = (planner, node) => {
  const [x, scale, shift, mean, variance] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const options = { epsilon: node.attrs.epsilon, relu: false, fixed: true };
  const { map, desc } = inMapOrder(planner, x);
  const primitive = planner.once("fixedBatchNorm", [desc, options.epsilon], () =>
    planner.dnnl.batchNorm(desc, options),
  );
  const result = planner.temporary(desc);
  planner.give(y, inOrderOf(planner, result, dimsOf(x)));
  const [scales, shifts, means, variances] = [scale, shift, mean, variance].map((value) =>
    planner.rows(value),
  );
  planner.call(primitive, {
    src: map,
    scale: scales,
    shift: shifts,
    mean: means,
    variance: variances,
    dst: result,
  });
};

/** A map as it lies; vectors, and what lies in an order of its own, in blocks. */
function inMapOrder(planner: Planner, x: Value): { map: Operand; desc: Desc } {
  const layout: Layout = planner.layoutOf(x) === "channelsLast" ? "channelsLast" : "blocked";
  const desc = planner.layouts.desc(asMap(dimsOf(x)), layout);
  return { map: mapOrder(planner, x, desc), desc };
}

function mapOrder(planner: Planner, x: Value, desc: Desc): Operand {
  if (x.shape.length === 4) return planner.read(x, desc);
  const rows = planner.rows(x, desc.dims);
  return planner.inOrder(rows, desc);
}

/** Vectors [N,C] as maps of one pixel, others as they are. */
function asMap(dims: readonly number[]): readonly number[] {
  return dims.length === 4 ? dims : [...dims, 1, 1].slice(0, 4);
}

/** The result under the sizes of the value that it is. */
function inOrderOf(planner: Planner, result: Operand, dims: readonly number[]): Operand {
  if (dims.length === 4) return result;
  const rows = planner.layouts.plain(result.desc.dims);
  const inRows = planner.inOrder(result, rows);
  return { ...inRows, desc: planner.layouts.plain(dims) };
}
