/**
 * How ONNX Runtime runs graphs on this machine, in Node: how long they take, how far two are apart, which form of one is fastest.
 *
 * @example
 * import { createModel } from "senet";
 * import { measureForms, optimizedForms, timeModels } from "senet/measure";
 * const net = createModel("seresnet20");
 * const [{ median }] = await timeModels([{ name: "SE", model: net }], { rounds: 50, warmup: 5 }); // milliseconds
 * const { before, forms } = await measureForms(net, optimizedForms(net));
 *
 * @module
 */
export { type GraphDifference, largestDifference } from "../runtime/largest-difference-node.ts";
export {
  type MeasuredForm,
  type MeasureFormsOptions,
  measureForms,
  type OptimizedForm,
  optimizedForms,
} from "../runtime/optimized-forms-node.ts";
export { probeBlock } from "../runtime/probe-block-node.ts";
export { type TimedModel, type TimeModelsOptions, timeModels } from "../runtime/time-models-node.ts";
export { timedStep } from "../train/step/timed-step.ts";
