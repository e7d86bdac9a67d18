import type Koffi from "koffi";
import { CommonDnnl, moves, POINTER, SIZES, sizes, type Version } from "./common-node.ts";
import {
  BACKWARD,
  binaries,
  CONVOLUTION_DIRECT,
  constants3,
  F32,
  FORWARD_INFERENCE,
  FORWARD_TRAINING,
  pools,
  RELU_FROM_RESULT,
  reductions,
  SOFTMAX_ACCURATE,
  SOFTMAX_LOG,
  USE_GIVEN_STATISTICS,
} from "./constants.ts";
import type {
  BatchNormOptions,
  Binary,
  ConvolutionDescs,
  Desc,
  Dnnl,
  Eltwise,
  Handle,
  Pool,
  PostOp,
  PrimitiveDesc,
  Reduction,
  Tag,
  Window,
} from "./dnnl.ts";
import { ifThere } from "./dnnl-error.ts";
import type { Library } from "./foreign-node.ts";
import { rowStrides } from "./row-strides.ts";

const QUERY_RANK = 256;
const QUERY_DIMS = 257;
const CONVOLUTION_SIZES = [SIZES, SIZES, SIZES, SIZES];

/** oneDNN 3.x: a primitive is described at once, and descriptors of tensors are oneDNN's own. */
export class Dnnl3 extends CommonDnnl implements Dnnl {
  readonly batchNormGradTakesShift = false;
  readonly #bytesOf: (raw: Handle) => number;
  readonly #same: (a: Handle, b: Handle) => number;
  readonly #query: (handle: Handle, query: number, index: number) => Handle;

  constructor(koffi: typeof Koffi, library: Library, version: Version) {
    super(koffi, library, version, constants3);
    this.#bytesOf = library.func("dnnl_memory_desc_get_size", "size_t", [POINTER]);
    this.#same = library.func("dnnl_memory_desc_equal", "int", [POINTER, POINTER]);
    this.#query = library.func("dnnl_primitive_desc_query_md", POINTER, [POINTER, "int", "int"]);
  }

  desc(dims: readonly number[], strides = rowStrides(dims)): Desc {
    const make = this.made("dnnl_memory_desc_create_with_strides", ["int", SIZES, "int", SIZES]);
    return this.#owned(make(dims.length, sizes(dims), F32, sizes(strides)), dims);
  }

  tagged(dims: readonly number[], tag: Tag): Desc {
    const make = this.made("dnnl_memory_desc_create_with_tag", ["int", SIZES, "int", "int"]);
    return this.#owned(make(dims.length, sizes(dims), F32, this.constants.tags[tag]), dims);
  }

  part(whole: Desc, dims: readonly number[], offsets: readonly number[]): Desc | undefined {
    const make = this.made("dnnl_memory_desc_create_submemory", [POINTER, SIZES, SIZES]);
    return ifThere(() => this.#owned(make(whole.raw, sizes(dims), sizes(offsets)), dims));
  }

  same(a: Desc, b: Desc): boolean {
    return this.#same(a.raw as Handle, b.raw as Handle) !== 0;
  }

  convolution(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, bias, dst } = descs;
    const types = ["int", "int", POINTER, POINTER, POINTER, POINTER, ...CONVOLUTION_SIZES];
    return this.#described("convolution_forward", types, [
      [FORWARD_TRAINING, CONVOLUTION_DIRECT, src.raw, weights.raw, bias?.raw ?? 0, dst.raw, ...moves(window)],
      [0],
    ]);
  }

  convolutionGradSrc(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, dst } = descs;
    const types = ["int", POINTER, POINTER, POINTER, ...CONVOLUTION_SIZES, POINTER];
    return this.#described("convolution_backward_data", types, [
      [CONVOLUTION_DIRECT, src.raw, weights.raw, dst.raw, ...moves(window)],
      [this.convolution(descs, window).handle, 0],
    ]);
  }

  convolutionGradWeights(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, bias, dst } = descs;
    const types = ["int", POINTER, POINTER, POINTER, POINTER, ...CONVOLUTION_SIZES, POINTER];
    return this.#described("convolution_backward_weights", types, [
      [CONVOLUTION_DIRECT, src.raw, weights.raw, bias?.raw ?? 0, dst.raw, ...moves(window)],
      [this.convolution(descs, window).handle, 0],
    ]);
  }

  batchNorm({ raw }: Desc, options: BatchNormOptions): PrimitiveDesc {
    const kind = options.fixed ? FORWARD_INFERENCE : FORWARD_TRAINING;
    const types = ["int", POINTER, POINTER, "float", "uint"];
    return this.#described("batch_normalization_forward", types, [
      [kind, raw, raw, options.epsilon, this.#flags(options)],
      [0],
    ]);
  }

  batchNormGrad(data: Desc, options: BatchNormOptions): PrimitiveDesc {
    const types = ["int", POINTER, POINTER, POINTER, "float", "uint", POINTER];
    const { raw } = data;
    return this.#described("batch_normalization_backward", types, [
      [BACKWARD, raw, raw, raw, options.epsilon, this.#flags(options)],
      [this.batchNorm(data, options).handle, 0],
    ]);
  }

  eltwise(
    alg: Eltwise,
    data: Desc,
    alpha: number,
    beta: number,
    postOps: readonly PostOp[] = [],
  ): PrimitiveDesc {
    return this.#eltwise(this.constants.eltwise[alg], data, alpha, beta, postOps);
  }

  reluGrad(data: Desc): PrimitiveDesc {
    const types = ["int", POINTER, POINTER, POINTER, "float", "float", POINTER];
    const { raw } = data;
    return this.#described("eltwise_backward", types, [
      [RELU_FROM_RESULT, raw, raw, raw, 0, 0],
      [this.#eltwise(RELU_FROM_RESULT, data, 0, 0).handle, 0],
    ]);
  }

  pool(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc {
    const types = ["int", "int", POINTER, POINTER, SIZES, ...CONVOLUTION_SIZES];
    const [strides, ...others] = moves(window);
    return this.#described("pooling_forward", types, [
      [FORWARD_TRAINING, pools[alg], src.raw, dst.raw, strides, sizes(kernel), ...others],
      [0],
    ]);
  }

  poolGrad(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc {
    const types = ["int", POINTER, POINTER, SIZES, ...CONVOLUTION_SIZES, POINTER];
    const [strides, ...others] = moves(window);
    return this.#described("pooling_backward", types, [
      [pools[alg], src.raw, dst.raw, strides, sizes(kernel), ...others],
      [this.pool(alg, src, dst, kernel, window).handle, 0],
    ]);
  }

  binary(alg: Binary, a: Desc, b: Desc, dst: Desc, postOps: readonly PostOp[] = []): PrimitiveDesc {
    const types = ["int", POINTER, POINTER, POINTER];
    return this.#described("binary", types, [
      [binaries[alg], a.raw, b.raw, dst.raw],
      [this.attributes(postOps)],
    ]);
  }

  reduction(alg: Reduction, src: Desc, dst: Desc): PrimitiveDesc {
    const types = ["int", POINTER, POINTER, "float", "float"];
    return this.#described("reduction", types, [[reductions[alg], src.raw, dst.raw, 0, 0], [0]]);
  }

  matmul(
    a: Desc,
    b: Desc,
    bias: Desc | undefined,
    dst: Desc,
    postOps: readonly PostOp[] = [],
  ): PrimitiveDesc {
    const types = [POINTER, POINTER, POINTER, POINTER];
    return this.#described("matmul", types, [
      [a.raw, b.raw, bias?.raw ?? 0, dst.raw],
      [this.attributes(postOps)],
    ]);
  }

  softmax({ raw }: Desc, axis: number, logarithm: boolean): PrimitiveDesc {
    const alg = logarithm ? SOFTMAX_LOG : SOFTMAX_ACCURATE;
    const types = ["int", "int", POINTER, POINTER, "int"];
    return this.#described("softmax_forward", types, [[FORWARD_INFERENCE, alg, raw, raw, axis], [0]]);
  }

  reorder(from: Desc, to: Desc): PrimitiveDesc {
    const types = [POINTER, POINTER, POINTER, POINTER, POINTER];
    const make = this.made("dnnl_reorder_primitive_desc_create", types);
    return this.described(make(from.raw, this.engine, to.raw, this.engine, 0));
  }

  protected queried(handle: Handle, query: number): Desc | undefined {
    const found = this.#query(handle, query, 0);
    if (!found) return undefined;
    const copy = this.made("dnnl_memory_desc_clone", [POINTER])(found);
    const rank = new Int32Array(1);
    const at = new BigUint64Array(1);
    const ask = this.call("dnnl_memory_desc_query", [POINTER, "int", "void *"]);
    ask(copy, QUERY_RANK, rank);
    ask(copy, QUERY_DIMS, at);
    const dims = new BigInt64Array(this.koffi.view(at[0], 8 * rank[0]));
    return this.#owned(copy, Array.from(dims, Number));
  }

  protected append(list: Handle, postOp: PostOp): void {
    if (postOp.kind === "eltwise") {
      const append = this.call("dnnl_post_ops_append_eltwise", [POINTER, "int", "float", "float"]);
      append(list, this.constants.eltwise[postOp.alg], postOp.alpha, postOp.beta);
    } else {
      const append = this.call("dnnl_post_ops_append_binary", [POINTER, "int", POINTER]);
      append(list, binaries[postOp.alg], postOp.other.raw);
    }
  }

  #eltwise(
    alg: number,
    { raw }: Desc,
    alpha: number,
    beta: number,
    postOps: readonly PostOp[] = [],
  ): PrimitiveDesc {
    const types = ["int", "int", POINTER, POINTER, "float", "float"];
    return this.#described("eltwise_forward", types, [
      [FORWARD_TRAINING, alg, raw, raw, alpha, beta],
      [this.attributes(postOps)],
    ]);
  }

  #flags({ relu, fixed }: BatchNormOptions): number {
    const { useScaleAndShift, fuseRelu } = this.constants;
    return useScaleAndShift | (relu ? fuseRelu : 0) | (fixed ? USE_GIVEN_STATISTICS : 0);
  }

  #owned(handle: Handle, dims: readonly number[]): Desc {
    this.owned("dnnl_memory_desc", handle);
    return { dims, raw: handle, bytes: Number(this.#bytesOf(handle)) };
  }

  /** @param args those of the operation, then hint and attributes as far as it takes them, all of them addresses */
  #described(
    name: string,
    types: readonly string[],
    [args, last]: readonly (readonly unknown[])[],
  ): PrimitiveDesc {
    const make = this.made(`dnnl_${name}_primitive_desc_create`, [POINTER, ...types, POINTER]);
    return this.described(make(this.engine, ...args, ...last));
  }
}
