import { operator } from "../ir/operator.ts";
import { Equal } from "./equal.ts";

/** https://onnx.ai/onnx/operators/onnx__GreaterOrEqual.html, of the same shapes as `Equal`. */
export const GreaterOrEqual = operator({ ...Equal });
