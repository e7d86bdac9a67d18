import type { Failure } from "../../base/failure.ts";
import type { Node } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { StepBatch } from "../step/step-runner.ts";
import type { TrainStep } from "../step/train-step.ts";
import type { TakenEngine } from "./create-runner-node.ts";
import type { EngineChoice, EngineOptions } from "./engine.ts";

/** A batch and what becomes of it. These arrays travel with a request and back with its answer; nothing is copied or allocated. */
export interface StepBuffers extends StepBatch {
  readonly logits: Float32Array;
}

interface OpenRequest {
  readonly type: "open";
  readonly engine: EngineChoice;
  /** Those of the step. */
  readonly nodes: readonly Node[];
  readonly step: TrainStep;
  readonly options: EngineOptions;
}

/** What the main thread asks; the answers come in the same order. */
export type StepRequest =
  | OpenRequest
  | {
      readonly type: "run";
      readonly buffers: StepBuffers;
      readonly learningRate: number;
      readonly index: number;
    }
  | { readonly type: "tensors" }
  | { readonly type: "dispose" };

/**
 * The first request. The nodes stand before the step: in their order, that of computation, structured cloning meets each value when it
 * knows its producer already. From the outputs on it would recur through the whole depth of the network, and overflow the stack.
 */
export function openRequest(engine: EngineChoice, step: TrainStep, options: EngineOptions): OpenRequest {
  return { type: "open", engine, nodes: step.graph.nodes, step, options };
}

/** What the worker answers. */
export type StepReply =
  | { readonly type: "ready"; readonly taken: TakenEngine }
  | { readonly type: "disposed" }
  | { readonly type: "ran"; readonly loss: number; readonly buffers: StepBuffers }
  | { readonly type: "tensors"; readonly tensors: Map<string, Tensor> }
  | { readonly type: "failed"; readonly failure: Failure };

/** The memory of a batch, to be transferred. */
export function buffersOf({ images, labels, logits }: StepBuffers): ArrayBuffer[] {
  return [images, labels, logits].map(({ buffer }) => buffer as ArrayBuffer);
}
