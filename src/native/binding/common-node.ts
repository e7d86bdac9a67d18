import type Koffi from "koffi";
import { argumentNumber, type Constants, CPU, IN_ORDER, isas, QUERY_KERNEL, queries } from "./constants.ts";
import type { Argument, Desc, Dnnl, Handle, PostOp, PrimitiveDesc, Query, Window } from "./dnnl.ts";
import { DnnlError } from "./dnnl-error.ts";
import type { Library } from "./foreign-node.ts";

/** koffi's names of C types. */
export const POINTER = "uintptr_t";
export const RESULT = "_Out_ uintptr_t *";
export const SIZES = "int64_t *";

/** What `dnnl_version` points to begins with. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** A C function that gives a handle through its first argument. */
export type Maker = (...args: readonly unknown[]) => Handle;

/** Everything that both versions have in common. Descriptors of tensors are theirs. */
export abstract class CommonDnnl implements Pick<Dnnl, "version" | "isa"> {
  readonly version: string;
  readonly isa: string;
  protected readonly koffi: typeof Koffi;
  protected readonly library: Library;
  protected readonly constants: Constants;
  protected readonly engine: Handle;
  readonly #stream: Handle;
  readonly #free: (() => void)[] = [];
  readonly #execute: (primitive: Handle, stream: Handle, count: number, args: bigint) => number;
  readonly #functions = new Map<string, (...args: readonly unknown[]) => number>();
  readonly #setThreads: (count: number) => void;

  constructor(koffi: typeof Koffi, library: Library, version: Version, constants: Constants) {
    this.koffi = koffi;
    this.library = library;
    this.constants = constants;
    this.version = `${version.major}.${version.minor}.${version.patch}`;
    const isa = library.func("dnnl_get_effective_cpu_isa", "int", [])() as number;
    this.isa = isas.find(([bits]) => (isa & bits) === bits)?.[1] ?? "generic";
    this.engine = this.owned("dnnl_engine", this.made("dnnl_engine_create", ["int", "size_t"])(CPU, 0));
    this.#stream = this.owned(
      "dnnl_stream",
      this.made("dnnl_stream_create", [POINTER, "int"])(this.engine, IN_ORDER),
    );
    this.#execute = library.func("dnnl_primitive_execute", "int", [POINTER, POINTER, "int", POINTER]);
    this.#setThreads = openMpThreads(library);
  }

  primitive({ handle }: PrimitiveDesc): Handle {
    return this.owned("dnnl_primitive", this.made("dnnl_primitive_create", [POINTER])(handle));
  }

  memory({ raw }: Desc, address: bigint): Handle {
    const type = typeof raw === "object" ? "uint8_t *" : POINTER;
    const make = this.made("dnnl_memory_create", [type, POINTER, POINTER]);
    return this.owned("dnnl_memory", make(raw, this.engine, address));
  }

  argument(name: Argument): number {
    return argumentNumber(name, this.constants);
  }

  execute(primitive: Handle, count: number, args: bigint): void {
    const status = this.#execute(primitive, this.#stream, count, args);
    if (status !== 0) throw new DnnlError("dnnl_primitive_execute", status);
  }

  address(array: Uint8Array): bigint {
    return this.koffi.address(array);
  }

  setThreads(count: number): void {
    this.#setThreads(count);
  }

  temporarily<T>(body: () => T): T {
    const kept = this.#free.splice(0);
    try {
      return body();
    } finally {
      this.dispose();
      this.#free.push(...kept);
    }
  }

  dispose(): void {
    for (const free of this.#free.splice(0).toReversed()) free();
  }

  /** A function that returns a status, checked. */
  protected call(name: string, types: readonly string[]): (...args: readonly unknown[]) => void {
    const known = this.#functions.get(name) ?? this.library.func(name, "int", [...types]);
    this.#functions.set(name, known);
    return (...args) => {
      const status = known(...args);
      if (status !== 0) throw new DnnlError(name, status);
    };
  }

  /** A function that gives a handle through its first argument. */
  protected made(name: string, types: readonly string[]): Maker {
    const call = this.call(name, [RESULT, ...types]);
    return (...args) => {
      const result = [0];
      call(result, ...args);
      return result[0];
    };
  }

  /** A handle that `dispose` frees by `KIND_destroy`. */
  protected owned(kind: string, handle: Handle): Handle {
    const name = `${kind}_destroy`;
    this.#free.push(() => this.call(name, [POINTER])(handle));
    return handle;
  }

  protected described(handle: Handle): PrimitiveDesc {
    const descOf = (query: number) => this.queried(handle, query);
    this.owned("dnnl_primitive_desc", handle);
    return {
      handle,
      kernel: this.#kernelOf(handle),
      desc(query: Query) {
        const found = descOf(queries[query]);
        if (found === undefined) throw new DnnlError(`query ${query}`, 2);
        return found;
      },
    };
  }

  /** The descriptor that a primitive's description holds, copied. */
  protected abstract queried(handle: Handle, query: number): Desc | undefined;

  /** Attributes with post-ops, or 0 for none. */
  protected attributes(postOps: readonly PostOp[]): Handle {
    if (postOps.length === 0) return 0;
    const list = this.owned("dnnl_post_ops", this.made("dnnl_post_ops_create", [])());
    const attributes = this.owned("dnnl_primitive_attr", this.made("dnnl_primitive_attr_create", [])());
    for (const postOp of postOps) this.append(list, postOp);
    this.call("dnnl_primitive_attr_set_post_ops", [POINTER, POINTER])(attributes, list);
    return attributes;
  }

  protected abstract append(list: Handle, postOp: PostOp): void;

  #kernelOf(handle: Handle): string {
    const query = this.call("dnnl_primitive_desc_query", [POINTER, "int", "int", "_Out_ str *"]);
    const result = [""];
    query(handle, QUERY_KERNEL, 0, result);
    return result[0];
  }
}

/** Numbers as C's array of int64. */
export function sizes(numbers: readonly number[]): BigInt64Array {
  return BigInt64Array.from(numbers, BigInt);
}

/** Strides, holes and borders as oneDNN counts them: 0 is no hole. */
export function moves({ strides, dilations, before, after }: Window): BigInt64Array[] {
  return [sizes(strides), sizes(dilations.map((d) => d - 1)), sizes(before), sizes(after)];
}

/** OpenMP's own function, found through the library, which depends on it; another runtime keeps its own count. */
function openMpThreads(library: Library): (count: number) => void {
  try {
    return library.func("omp_set_num_threads", "void", ["int"]);
  } catch {
    return () => {};
  }
}
