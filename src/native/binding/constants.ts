import type { Argument, Binary, Eltwise, Pool, Query, Reduction, Tag } from "./dnnl.ts";

/** Numbers of `dnnl_types.h` that are the same in versions 2.6 to 3.7. */
export const F32 = 3;
export const CPU = 1;
export const IN_ORDER = 1;
export const FORWARD_TRAINING = 64;
export const FORWARD_INFERENCE = 96;
export const BACKWARD = 128;
export const CONVOLUTION_DIRECT = 1;
export const SOFTMAX_ACCURATE = 0x30000;
export const SOFTMAX_LOG = 0x30001;
export const QUERY_KERNEL = 8;

export const queries: Readonly<Record<Query, number>> = {
  src: 129,
  weights: 131,
  diffWeights: 132,
  dst: 133,
  workspace: 135,
};

export const pools: Readonly<Record<Pool, number>> = {
  max: 0x1ff,
  averageWithBorder: 0x2ff,
  averageWithoutBorder: 0x3ff,
};

export const binaries: Readonly<Record<Binary, number>> = {
  add: 0x1fff0,
  mul: 0x1fff1,
  max: 0x1fff2,
  min: 0x1fff3,
  div: 0x1fff4,
  sub: 0x1fff5,
  ge: 0x1fff6,
  gt: 0x1fff7,
  le: 0x1fff8,
  lt: 0x1fff9,
  eq: 0x1fffa,
};

export const reductions: Readonly<Record<Reduction, number>> = { max: 0x2fff2, sum: 0x2fff4, mean: 0x2fff6 };

/** ReLU's gradient, computed from its result. */
export const RELU_FROM_RESULT = 0x100;

const argumentNumbers = {
  src: 1,
  src1: 2,
  dst: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  diffSrc: 129,
  diffDst: 145,
  diffWeights: 161,
  diffBias: 169,
  diffScale: 255,
  diffShift: 256,
} satisfies Partial<Record<Argument, number>>;

/** What differs between the major versions. */
export interface Constants {
  readonly eltwise: Readonly<Record<Eltwise, number>>;
  readonly tags: Readonly<Record<Tag, number>>;
  readonly useScaleAndShift: number;
  readonly fuseRelu: number;
  /** Before the argument number of a post-op's second source. */
  readonly postOpBase: number;
}

export const USE_GIVEN_STATISTICS = 1;

export const constants2: Constants = {
  eltwise: {
    relu: 0x1f,
    tanh: 0x2f,
    elu: 0x3f,
    abs: 0x5f,
    sqrt: 0x6f,
    linear: 0x7f,
    softRelu: 0x9f,
    logistic: 0xaf,
    exp: 0xbf,
    log: 0xef,
    clip: 0xff,
    pow: 0x20,
    hardswish: 0x70,
  },
  tags: { any: 1, blocked16: 69, blocked8: 93 },
  useScaleAndShift: 8 | 16,
  fuseRelu: 4,
  postOpBase: 16384,
};

export const constants3: Constants = {
  eltwise: {
    relu: 32,
    tanh: 33,
    elu: 34,
    abs: 36,
    sqrt: 37,
    linear: 38,
    softRelu: 39,
    logistic: 41,
    exp: 42,
    log: 45,
    clip: 46,
    pow: 48,
    hardswish: 52,
  },
  tags: { any: 1, blocked16: 78, blocked8: 102 },
  useScaleAndShift: 2 | 4,
  fuseRelu: 8,
  postOpBase: 32768,
};

/** The number of an argument. */
export function argumentNumber(name: Argument, { postOpBase }: Constants): number {
  const [, index] = /^post(\d+)$/.exec(name) ?? [];
  if (index === undefined) return argumentNumbers[name as keyof typeof argumentNumbers];
  return (postOpBase * (Number(index) + 1)) | argumentNumbers.src1;
}

/** Names of instruction sets by oneDNN's bits, the richest first. */
export const isas: readonly (readonly [bits: number, name: string])[] = [
  [0x3e7, "avx512_core_amx"],
  [0xe7, "avx512_core_bf16"],
  [0x67, "avx512_core_vnni"],
  [0x27, "avx512_core"],
  [0x407, "avx2_vnni"],
  [0x7, "avx2"],
  [0x3, "avx"],
  [0x1, "sse41"],
];
