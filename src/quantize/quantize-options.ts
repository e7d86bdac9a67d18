import type { Graph } from "../ir/graph.ts";
import type { SessionOptions } from "../runtime/session.ts";
import type { CalibrationMethod } from "./calibration-methods.ts";

/** Options of `quantize`. */
export interface QuantizeOptions extends Pick<SessionOptions, "threads"> {
  /** How ranges are chosen. Default `mse`. */
  readonly method?: CalibrationMethod | undefined;
  /** Of the method `percentile`: per cent of the numbers that a range holds. Default 99.99. */
  readonly percentile?: number | undefined;
  /** 7 bits for weights, for processors whose 8-bit products saturate. Default false. */
  readonly reduceRange?: boolean | undefined;
  /** What stays float: `first` and `last` layer, `gate` (the layers of SE blocks), or paths of modules such as `layer1.0.conv1`. */
  readonly keepFloat?: readonly string[] | undefined;
  /** Finds the few layers that must stay float for an accuracy; see `AccuracyGoal`. */
  readonly goal?: AccuracyGoal | undefined;
  /** Called with the current work and its progress. */
  readonly onProgress?: ((progress: QuantizeProgress) => void) | undefined;
}

/** An accuracy that a quantized network must keep. */
export interface AccuracyGoal {
  /** Maximum loss of accuracy, as a share: 0.005 is half a point. */
  readonly maxDrop: number;
  /** Accuracy of a network, 0 to 1. */
  readonly score: (graph: Graph) => Promise<number>;
}

/** Progress of `quantize`. */
export interface QuantizeProgress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** A layer with weights, and how well its output was kept. */
export interface LayerReport {
  /** Path of its module, such as `layer1.0.conv1`. */
  readonly name: string;
  readonly op: string;
  readonly isInteger: boolean;
  /** Signal over noise of its output in dB: 20 means that the error is a tenth of the signal. Errors of earlier layers are included. */
  readonly signalToNoise: number;
}

/** A node that stays float, and why. */
export interface FloatNode {
  readonly name: string;
  readonly op: string;
  readonly why: string;
}

/** Result of `quantize`. */
export interface Quantized {
  readonly graph: Graph;
  readonly layers: readonly LayerReport[];
  readonly float: readonly FloatNode[];
  /** Nodes computed with integers. */
  readonly integerNodes: number;
  /** Of a goal: accuracies of the float and of the quantized network, 0 to 1. */
  readonly accuracy?: { readonly float: number; readonly quantized: number } | undefined;
}
