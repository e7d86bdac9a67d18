import { SenetError } from "../base/errors.ts";

/**
 * An engine's error as ours: its text in one sentence, without the paths, signatures and codes of its sources.
 *
 * @example
 * engineError("running the model", new Error("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Bad shape")).message
 * // "ONNX Runtime failed while running the model: Bad shape."
 */
export function engineError(action: string, cause: unknown): SenetError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const clean = text
    // "/onnxruntime_src/…/conv.cc:83 virtual Status onnxruntime::Conv::Compute(…) const "
    .replace(
      /\S*onnxruntime\S*\.(?:cc|h|cpp):\d+\s+(?:[^[]*?\)(?:\s+const)?(?:\s+\[with [^\]]*\])?\s+)?/g,
      "",
    )
    .replace(/Non-zero status code returned while running/, "Failed in")
    .replace(/\s*Status Message:\s*/, " ")
    .replace(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /g, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\.+$/, "");
  const advice = clean.startsWith("Could not find an implementation")
    ? "; it lacks this operator for this type of data: convert the network to float32"
    : "";
  return new SenetError("engine", `ONNX Runtime failed while ${action}: ${clean}${advice}.`, { cause });
}
