import { operator } from "../ir/operator.ts";
import { Mean } from "./mean.ts";

/**
 * ONNX's `Mean` of the two branches of a Shake-Shake unit, [N,C,H,W] each: the form for inference. `toTraining` makes a `ShakeShake` of
 * it, of any other mean nothing. In a file it is a `Mean` whose doc string tells this package what it is.
 */
export const ShakeMean = operator({ ...Mean, type: "Mean", arity: [2, 2] });
