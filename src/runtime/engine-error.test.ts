import { expect, test } from "vitest";
import { inFloat64 } from "../../test/support/in-float64.ts";
import { createModel } from "../models/create-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { engineError } from "./engine-error.ts";
import { createSession } from "./node.ts";

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

test("a network of float64, for which the engine has no convolutions, is told what to do", async () => {
  await expect(createSession(writeOnnx(inFloat64(createModel("seresnet8"))))).rejects.toThrow(
    "ONNX Runtime failed while loading the model: Could not find an implementation for Conv(11) node with name 'conv1/Conv'; it lacks this operator for this type of data: convert the network to float32.",
  );
});
