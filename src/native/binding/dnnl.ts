/** An object of oneDNN, by its address. */
export type Handle = number | bigint;

/** The sizes of a tensor and how its numbers lie in memory: oneDNN's memory descriptor. */
export interface Desc {
  readonly dims: readonly number[];
  /** Bytes that the tensor takes, padding included. */
  readonly bytes: number;
  /** What the binding that made it passes to oneDNN. */
  readonly raw: Uint8Array | Handle;
}

/**
 * Orders that are no strides: maps in blocks of 8 or 16 channels ([N,C/16,H,W,16], padded with zeros), or whichever order a primitive
 * likes best.
 */
export type Tag = "any" | "blocked8" | "blocked16";

/** Functions of one number, with up to two constants; oneDNN's eltwise. */
export type Eltwise =
  | "abs"
  | "clip"
  | "elu"
  | "exp"
  | "hardswish"
  | "linear"
  | "log"
  | "logistic"
  | "pow"
  | "relu"
  | "softRelu"
  | "sqrt"
  | "tanh";

/** Functions of two numbers; comparisons give 1 or 0. */
export type Binary = "add" | "div" | "eq" | "ge" | "gt" | "le" | "lt" | "max" | "min" | "mul" | "sub";

/** What is done to each number of a result before it is stored. */
export type PostOp =
  | { readonly kind: "eltwise"; readonly alg: Eltwise; readonly alpha: number; readonly beta: number }
  | { readonly kind: "binary"; readonly alg: Binary; readonly other: Desc };

/** How the window of a convolution or a pool moves, by axis. */
export interface Window {
  readonly strides: readonly number[];
  /** 1 where the window has no holes. */
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Averages count the zeros of the border or leave them out. */
export type Pool = "max" | "averageWithBorder" | "averageWithoutBorder";

/** Over the axes along which the result has size 1. */
export type Reduction = "max" | "mean" | "sum";

/** The tensors that a primitive is asked about. */
export type Query = "src" | "weights" | "dst" | "diffWeights" | "workspace";

/** A computation for tensors of certain sizes and layouts, chosen but not yet made ready. */
export interface PrimitiveDesc {
  readonly handle: Handle;
  /** Which of oneDNN's kernels computes it, as `jit:avx512_core`; the names of slow ones begin with `ref`. */
  readonly kernel: string;
  desc(query: Query): Desc;
}

/** Forms of BatchNorm. */
export interface BatchNormOptions {
  readonly epsilon: number;
  /** Followed by a ReLU; what the ReLU cut off is remembered in the workspace. */
  readonly relu: boolean;
  /** With given statistics instead of the batch's. */
  readonly fixed: boolean;
}

/** The arguments of a primitive. */
export type Argument =
  | "src"
  | "src1"
  | "dst"
  | "weights"
  | "bias"
  | "mean"
  | "variance"
  | "scale"
  | "shift"
  | "workspace"
  | "diffSrc"
  | "diffDst"
  | "diffWeights"
  | "diffBias"
  | "diffScale"
  | "diffShift"
  | `post${number}`;

/**
 * The part of oneDNN's C interface that this package uses, the same for both of its major versions; everything is float32. What was
 * made lives until `dispose`. A method that describes a primitive throws when oneDNN has none for these sizes and layouts.
 *
 * Source: oneDNN's developer guide, versions 2.6 and 3.6 (https://uxlfoundation.github.io/oneDNN/).
 */
export interface Dnnl {
  readonly version: string;
  /** The instructions for which kernels are made, such as `avx512_core`. */
  readonly isa: string;
  /** Whether BatchNorm's gradient takes the shift, which it does not need (2.x), or refuses it (3.x). */
  readonly batchNormGradTakesShift: boolean;

  /** Strides count numbers; those of rows, one after the other, when left out. */
  desc(dims: readonly number[], strides?: readonly number[]): Desc;
  tagged(dims: readonly number[], tag: Tag): Desc;
  /** A part of a tensor, from `offsets` on; undefined where the layout does not let it. */
  part(whole: Desc, dims: readonly number[], offsets: readonly number[]): Desc | undefined;
  same(a: Desc, b: Desc): boolean;

  convolution(s: ConvolutionDescs, window: Window): PrimitiveDesc;
  convolutionGradSrc(s: ConvolutionDescs, window: Window): PrimitiveDesc;
  convolutionGradWeights(s: ConvolutionDescs, window: Window): PrimitiveDesc;
  batchNorm(data: Desc, options: BatchNormOptions): PrimitiveDesc;
  batchNormGrad(data: Desc, options: BatchNormOptions): PrimitiveDesc;
  eltwise(alg: Eltwise, data: Desc, alpha: number, beta: number, postOps?: readonly PostOp[]): PrimitiveDesc;
  /** From the result, which reaches it as `dst`. */
  reluGrad(data: Desc): PrimitiveDesc;
  pool(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc;
  poolGrad(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc;
  binary(alg: Binary, a: Desc, b: Desc, dst: Desc, postOps?: readonly PostOp[]): PrimitiveDesc;
  reduction(alg: Reduction, src: Desc, dst: Desc): PrimitiveDesc;
  matmul(a: Desc, b: Desc, bias: Desc | undefined, dst: Desc, postOps?: readonly PostOp[]): PrimitiveDesc;
  softmax(data: Desc, axis: number, logarithm: boolean): PrimitiveDesc;
  reorder(from: Desc, to: Desc): PrimitiveDesc;

  primitive(desc: PrimitiveDesc): Handle;
  /** A tensor at an address. */
  memory(desc: Desc, address: bigint): Handle;
  /** oneDNN's number of an argument. */
  argument(name: Argument): number;
  /** Runs a primitive and waits. `args` is the address of `count` pairs of an argument's number and a memory, 16 bytes each. */
  execute(primitive: Handle, count: number, args: bigint): void;
  /** Address of an array's first byte. */
  address(array: Uint8Array): bigint;
  /** How many threads the calling thread's primitives use. */
  setThreads(count: number): void;
  /** Frees what `body` has made as soon as it returns. */
  temporarily<T>(body: () => T): T;
  /** Frees everything that was made; nothing of it may be used any more. */
  dispose(): void;
}

/** The tensors of a convolution, of which each may leave its order to oneDNN. */
export interface ConvolutionDescs {
  readonly src: Desc;
  /** [M,C,kH,kW], or [groups,M/groups,C/groups,kH,kW]. */
  readonly weights: Desc;
  readonly bias?: Desc | undefined;
  readonly dst: Desc;
}
