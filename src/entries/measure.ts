/**
 * How ONNX Runtime runs a graph on this machine, in Node: how far two graphs are apart, which form of one is fastest.
 *
 * @example
 * import { createModel } from "senet";
 * import { measureForms, optimizedForms } from "senet/measure";
 * const net = createModel("seresnet20");
 * const { before, forms } = await measureForms(net, optimizedForms(net));
 *
 * @module
 */
export { type Difference, largestDifference } from "../runtime/largest-difference-node.ts";
export {
  type MeasuredForm,
  type MeasureFormsOptions,
  measureForms,
  type OptimizedForm,
  optimizedForms,
} from "../runtime/optimized-forms-node.ts";
export { probeBlock } from "../runtime/probe-block-node.ts";
