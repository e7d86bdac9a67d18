import { expect, test } from "vitest";
import { engineError } from "./engine-error.ts";

test("paths, signatures and codes of the engine's sources are stripped, what it says is kept", () => {
  const text =
    "Non-zero status code returned while running ReorderOutput node. Name:'ReorderOutput_token_2' Status Message: /onnxruntime_src/onnxruntime/core/framework/op_kernel.cc:83 virtual OrtValue* onnxruntime::OpKernelContext::OutputMLValue(int, const onnxruntime::TensorShape&) [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : The output has shape {2,1} but the computed output shape is {1,1}.\n";
  const error = engineError("running the model", new Error(text));
  expect(error.code).toBe("engine");
  expect(error.message).toBe(
    "ONNX Runtime failed while running the model: Failed in ReorderOutput node. Name:'ReorderOutput_token_2' The output has shape {2,1} but the computed output shape is {1,1}.",
  );
});

test("a text without noise is kept whole", () => {
  expect(engineError("loading the model", "No Op registered for Foo (domain_version of 18)").message).toBe(
    "ONNX Runtime failed while loading the model: No Op registered for Foo (domain_version of 18).",
  );
});
