import type Koffi from "koffi";
import { CommonDnnl, moves, POINTER, SIZES, sizes, type Version } from "./common-node.ts";
import {
  BACKWARD,
  binaries,
  CONVOLUTION_DIRECT,
  constants2,
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

/** Of `dnnl_memory_desc_t`, the same in all versions 2.x. */
const DESC_BYTES = 696;
/** More than any operation's descriptor takes. */
const OPERATION_BYTES = 8192;
/** Where a descriptor holds its sizes: their count, then each in 8 bytes. */
const DIMS_AT = 8;
const STRUCT = "uint8_t *";

/** oneDNN 2.6 and 2.7: a primitive is described by a structure for its operation, tensors by structures that the caller holds. */
export class Dnnl2 extends CommonDnnl implements Dnnl {
  readonly batchNormGradTakesShift = true;
  readonly #bytesOf: (raw: Uint8Array) => number;
  readonly #same: (a: Uint8Array, b: Uint8Array) => number;
  readonly #query: (handle: Handle, query: number, index: number) => Handle;

  constructor(koffi: typeof Koffi, library: Library, version: Version) {
    super(koffi, library, version, constants2);
    this.#bytesOf = library.func("dnnl_memory_desc_get_size", "size_t", [STRUCT]);
    this.#same = library.func("dnnl_memory_desc_equal", "int", [STRUCT, STRUCT]);
    this.#query = library.func("dnnl_primitive_desc_query_md", POINTER, [POINTER, "int", "int"]);
  }

  desc(dims: readonly number[], strides = rowStrides(dims)): Desc {
    return this.#desc(dims, (raw) =>
      this.call("dnnl_memory_desc_init_by_strides", [STRUCT, "int", SIZES, "int", SIZES])(
        raw,
        dims.length,
        sizes(dims),
        F32,
        sizes(strides),
      ),
    );
  }

  tagged(dims: readonly number[], tag: Tag): Desc {
    return this.#desc(dims, (raw) =>
      this.call("dnnl_memory_desc_init_by_tag", [STRUCT, "int", SIZES, "int", "int"])(
        raw,
        dims.length,
        sizes(dims),
        F32,
        this.constants.tags[tag],
      ),
    );
  }

  part(whole: Desc, dims: readonly number[], offsets: readonly number[]): Desc | undefined {
    const init = this.call("dnnl_memory_desc_init_submemory", [STRUCT, STRUCT, SIZES, SIZES]);
    return ifThere(() => this.#desc(dims, (raw) => init(raw, whole.raw, sizes(dims), sizes(offsets))));
  }

  same(a: Desc, b: Desc): boolean {
    return this.#same(a.raw as Uint8Array, b.raw as Uint8Array) !== 0;
  }

  convolution(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, bias, dst } = descs;
    const types = ["int", "int", STRUCT, STRUCT, STRUCT, STRUCT, SIZES, SIZES, SIZES, SIZES];
    const operation = this.#operation("dnnl_dilated_convolution_forward", types, [
      FORWARD_TRAINING,
      CONVOLUTION_DIRECT,
      src.raw,
      weights.raw,
      bias?.raw ?? null,
      dst.raw,
      ...moves(window),
    ]);
    return this.#described(operation);
  }

  convolutionGradSrc(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, dst } = descs;
    const types = ["int", STRUCT, STRUCT, STRUCT, SIZES, SIZES, SIZES, SIZES];
    const operation = this.#operation("dnnl_dilated_convolution_backward_data", types, [
      CONVOLUTION_DIRECT,
      src.raw,
      weights.raw,
      dst.raw,
      ...moves(window),
    ]);
    return this.#described(operation, { forward: this.convolution(descs, window) });
  }

  convolutionGradWeights(descs: ConvolutionDescs, window: Window): PrimitiveDesc {
    const { src, weights, bias, dst } = descs;
    const types = ["int", STRUCT, STRUCT, STRUCT, STRUCT, SIZES, SIZES, SIZES, SIZES];
    const operation = this.#operation("dnnl_dilated_convolution_backward_weights", types, [
      CONVOLUTION_DIRECT,
      src.raw,
      weights.raw,
      bias?.raw ?? null,
      dst.raw,
      ...moves(window),
    ]);
    return this.#described(operation, { forward: this.convolution(descs, window) });
  }

  batchNorm(data: Desc, options: BatchNormOptions): PrimitiveDesc {
    const kind = options.fixed ? FORWARD_INFERENCE : FORWARD_TRAINING;
    return this.#described(
      this.#operation(
        "dnnl_batch_normalization_forward",
        ["int", STRUCT, "float", "uint"],
        [kind, data.raw, options.epsilon, this.#flags(options)],
      ),
    );
  }

  batchNormGrad(data: Desc, options: BatchNormOptions): PrimitiveDesc {
    const operation = this.#operation(
      "dnnl_batch_normalization_backward",
      ["int", STRUCT, STRUCT, "float", "uint"],
      [BACKWARD, data.raw, data.raw, options.epsilon, this.#flags(options)],
    );
    return this.#described(operation, { forward: this.batchNorm(data, options) });
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
    const operation = this.#operation(
      "dnnl_eltwise_backward",
      ["int", STRUCT, STRUCT, "float", "float"],
      [RELU_FROM_RESULT, data.raw, data.raw, 0, 0],
    );
    return this.#described(operation, { forward: this.#eltwise(RELU_FROM_RESULT, data, 0, 0) });
  }

  pool(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc {
    const types = ["int", "int", STRUCT, STRUCT, SIZES, SIZES, SIZES, SIZES, SIZES];
    const [strides, ...others] = moves(window);
    return this.#described(
      this.#operation("dnnl_pooling_v2_forward", types, [
        FORWARD_TRAINING,
        pools[alg],
        src.raw,
        dst.raw,
        strides,
        sizes(kernel),
        ...others,
      ]),
    );
  }

  poolGrad(alg: Pool, src: Desc, dst: Desc, kernel: readonly number[], window: Window): PrimitiveDesc {
    const types = ["int", STRUCT, STRUCT, SIZES, SIZES, SIZES, SIZES, SIZES];
    const [strides, ...others] = moves(window);
    const operation = this.#operation("dnnl_pooling_v2_backward", types, [
      pools[alg],
      src.raw,
      dst.raw,
      strides,
      sizes(kernel),
      ...others,
    ]);
    return this.#described(operation, { forward: this.pool(alg, src, dst, kernel, window) });
  }

  binary(alg: Binary, a: Desc, b: Desc, dst: Desc, postOps: readonly PostOp[] = []): PrimitiveDesc {
    const types = ["int", STRUCT, STRUCT, STRUCT];
    const operation = this.#operation("dnnl_binary", types, [binaries[alg], a.raw, b.raw, dst.raw]);
    return this.#described(operation, { postOps });
  }

  reduction(alg: Reduction, src: Desc, dst: Desc): PrimitiveDesc {
    const types = ["int", STRUCT, STRUCT, "float", "float"];
    return this.#described(
      this.#operation("dnnl_reduction", types, [reductions[alg], src.raw, dst.raw, 0, 0]),
    );
  }

  matmul(
    a: Desc,
    b: Desc,
    bias: Desc | undefined,
    dst: Desc,
    postOps: readonly PostOp[] = [],
  ): PrimitiveDesc {
    const types = [STRUCT, STRUCT, STRUCT, STRUCT];
    const operation = this.#operation("dnnl_matmul", types, [a.raw, b.raw, bias?.raw ?? null, dst.raw]);
    return this.#described(operation, { postOps });
  }

  softmax(data: Desc, axis: number, logarithm: boolean): PrimitiveDesc {
    const alg = logarithm ? SOFTMAX_LOG : SOFTMAX_ACCURATE;
    const types = ["int", "int", STRUCT, STRUCT, "int"];
    return this.#described(
      this.#operation("dnnl_softmax_v2_forward", types, [FORWARD_INFERENCE, alg, data.raw, data.raw, axis]),
    );
  }

  reorder(from: Desc, to: Desc): PrimitiveDesc {
    const types = [STRUCT, POINTER, STRUCT, POINTER, POINTER];
    const make = this.made("dnnl_reorder_primitive_desc_create", types);
    return this.described(make(from.raw, this.engine, to.raw, this.engine, 0));
  }

  protected queried(handle: Handle, query: number): Desc | undefined {
    const address = this.#query(handle, query, 0);
    if (!address) return undefined;
    const raw = new Uint8Array(this.koffi.view(address, DESC_BYTES)).slice();
    const view = new DataView(raw.buffer);
    const dims = Array.from({ length: view.getInt32(0, true) }, (_, i) =>
      Number(view.getBigInt64(DIMS_AT + 8 * i, true)),
    );
    return { dims, raw, bytes: Number(this.#bytesOf(raw)) };
  }

  protected append(list: Handle, postOp: PostOp): void {
    if (postOp.kind === "eltwise") {
      const append = this.call("dnnl_post_ops_append_eltwise", [POINTER, "float", "int", "float", "float"]);
      append(list, 1, this.constants.eltwise[postOp.alg], postOp.alpha, postOp.beta);
    } else {
      const append = this.call("dnnl_post_ops_append_binary", [POINTER, "int", STRUCT]);
      append(list, binaries[postOp.alg], postOp.other.raw);
    }
  }

  #eltwise(
    alg: number,
    data: Desc,
    alpha: number,
    beta: number,
    postOps: readonly PostOp[] = [],
  ): PrimitiveDesc {
    const types = ["int", "int", STRUCT, "float", "float"];
    const args = [FORWARD_TRAINING, alg, data.raw, alpha, beta];
    return this.#described(this.#operation("dnnl_eltwise_forward", types, args), { postOps });
  }

  #flags({ relu, fixed }: BatchNormOptions): number {
    const { useScaleAndShift, fuseRelu } = this.constants;
    return useScaleAndShift | (relu ? fuseRelu : 0) | (fixed ? USE_GIVEN_STATISTICS : 0);
  }

  #desc(dims: readonly number[], fill: (raw: Uint8Array) => void): Desc {
    const raw = new Uint8Array(DESC_BYTES);
    fill(raw);
    return { dims, raw, bytes: Number(this.#bytesOf(raw)) };
  }

  #operation(name: string, types: readonly string[], args: readonly unknown[]): Uint8Array {
    const raw = new Uint8Array(OPERATION_BYTES);
    this.call(`${name}_desc_init`, [STRUCT, ...types])(raw, ...args);
    return raw;
  }

  #described(
    operation: Uint8Array,
    { postOps = [], forward }: { postOps?: readonly PostOp[]; forward?: PrimitiveDesc } = {},
  ): PrimitiveDesc {
    const make = this.made("dnnl_primitive_desc_create", [STRUCT, POINTER, POINTER, POINTER]);
    return this.described(make(operation, this.attributes(postOps), this.engine, forward?.handle ?? 0));
  }
}
