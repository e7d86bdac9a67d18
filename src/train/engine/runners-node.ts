import type { CreateRunner, TrainEngine } from "./engine.ts";
import { createOnednnRunner } from "./onednn-runner-node.ts";
import { createOnnxruntimeRunner } from "./onnxruntime-runner-node.ts";

/** What runs training steps, by engine. */
export const runners: Readonly<Record<TrainEngine, CreateRunner>> = {
  onednn: createOnednnRunner,
  onnxruntime: createOnnxruntimeRunner,
};
