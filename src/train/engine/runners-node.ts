import type { CreateRunner, TrainEngine } from "./engine.ts";
import { createOnnxruntimeRunner } from "./onnxruntime-runner-node.ts";

/** What runs training steps, by engine. */
export const runners: Readonly<Record<TrainEngine, CreateRunner>> = {
  onednn: () => Promise.reject(new Error("not yet")),
  onnxruntime: createOnnxruntimeRunner,
};
