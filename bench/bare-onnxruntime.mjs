/** `node bench/bare-onnxruntime.mjs FILE.onnx`: the minimum that a process must do for a prediction: load the engine and the model, run it once. */
import ort from "onnxruntime-node";

const session = await ort.InferenceSession.create(process.argv[2]);
const shape = [1, ...session.inputMetadata[0].shape.slice(1)];
const length = shape.reduce((a, b) => a * b, 1);
await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", new Float32Array(length), shape) });
