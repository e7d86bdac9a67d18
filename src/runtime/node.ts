import { open } from "node:fs/promises";
import ort from "onnxruntime-node";
import { SenetError } from "../base/errors.ts";
import { fileError } from "../files/file-error.ts";
import { type DType, dtypes } from "../ir/dtype.ts";
import type { Tensor } from "../ir/tensor.ts";
import { checkTensors } from "./check-tensors.ts";
import { engineError } from "./engine-error.ts";
import { physicalCores } from "./physical-cores-node.ts";
import { BRIEFLY, type Session, type SessionOptions, type Tensors, type ValueInfo } from "./session.ts";

// The engine prints what it also throws, and warns of graphics cards that are missing; errors reach the caller anyway.
const silent = { env: "fatal", session: 4 } as const;

/**
 * The engine's view of each tensor, made once: it holds no copy, so a tensor fed or written at every step costs
 * nothing after the first. A tensor's `data` must therefore stay the same array for as long as it lives.
 */
const views = new WeakMap<Tensor, ort.Tensor>();

/**
 * Loads a model into onnxruntime-node (CPU).
 *
 * `run` computes on the calling thread and its helpers: it blocks the event loop until the outputs are there,
 * although it returns a promise. To stay responsive, call it from a worker thread. With `into`, outputs are
 * written in place, but the binding (1.30) still makes a copy of every output that it returns to the garbage
 * collector; that costs one memory copy, and memory stays bounded.
 *
 * @param model path of an `.onnx` file, or its bytes, as `writeOnnx` makes them; the engine copies what it needs
 * @throws SenetError `file` when there is no such file, `engine` when the engine refuses the model, `usage` for options that make no sense
 * @example
 * await using session = await createSession("seresnet50.onnx", { threads: 2 });
 * const { logits } = await session.run({ images: zeros([1, 3, 224, 224]) });
 */
export async function createSession(
  model: string | Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  if (typeof model === "object" && "nodes" in model) {
    throw new SenetError(
      "usage",
      "Session: expected a path or the bytes of an .onnx file, found a graph; pass writeOnnx(graph).",
    );
  }
  const engineOptions = toEngineOptions(options);
  ort.env.logLevel = silent.env;
  const engine = await (typeof model === "string"
    ? loadFile(model, engineOptions)
    : ort.InferenceSession.create(model, engineOptions).catch((error) => {
        throw engineError("loading the model", error);
      }));
  return new NodeSession(engine, options.profile !== undefined);
}

/** The engine reads the file itself, and finds weights in files beside it; why it could not, this package says better. */
async function loadFile(path: string, options: ort.InferenceSession.SessionOptions) {
  try {
    await using file = await open(path);
    await file.read(new Uint8Array(1), 0, 1, 0); // fails for a folder
  } catch (error) {
    throw fileError("read", path, error);
  }
  return ort.InferenceSession.create(path, options).catch((error) => {
    throw engineError(`loading ${path}`, error);
  });
}

function toEngineOptions(options: SessionOptions): ort.InferenceSession.SessionOptions {
  const { threads = physicalCores(), spinning = BRIEFLY, optimize = "all", profile } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new SenetError(
      "usage",
      `Session threads: expected a whole number from 1, found ${threads}; correct it.`,
    );
  }
  return {
    executionProviders: ["cpu"],
    // Given a number, the engine does not pin its threads to cores, where other processes may be at work.
    intraOpNumThreads: threads,
    graphOptimizationLevel: optimize === "none" ? "disabled" : optimize,
    logSeverityLevel: silent.session,
    extra: { session: { intra_op: toSpinning(spinning) } },
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  };
}

function toSpinning(spinning: boolean | number): Record<string, string> {
  if (typeof spinning === "boolean") return { allow_spinning: spinning ? "1" : "0" };
  if (!Number.isSafeInteger(spinning) || spinning < 1) {
    throw new SenetError(
      "usage",
      `Session spinning: expected true, false or a whole number of microseconds from 1, found ${spinning}; correct it.`,
    );
  }
  return { allow_spinning: "1", spin_duration_us: String(spinning) };
}

class NodeSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  #engine: ort.InferenceSession | undefined;
  readonly #profiled: boolean;
  /** Inputs that are outputs too, under the same name. They reach no kernel, so the engine (1.30) would leave a target as it was. */
  readonly #passed: ReadonlySet<string>;

  constructor(engine: ort.InferenceSession, profiled: boolean) {
    this.#engine = engine;
    this.#profiled = profiled;
    this.inputNames = engine.inputNames;
    this.outputNames = engine.outputNames;
    this.inputs = engine.inputMetadata.map(toValueInfo);
    this.outputs = engine.outputMetadata.map(toValueInfo);
    this.#passed = new Set(engine.outputNames.filter((name) => engine.inputNames.includes(name)));
  }

  async run(feeds: Tensors, into: Tensors = {}): Promise<Record<string, Tensor>> {
    const engine = this.#engine;
    if (!engine) {
      throw new SenetError("engine", "The session is disposed and cannot run; create another one.");
    }
    checkTensors(this.inputs, this.outputs, feeds, into);
    const fed = Object.fromEntries(this.inputNames.map((name) => [name, viewOf(feeds[name])]));
    // Every output is computed; null where the engine is to allocate it.
    const fetched = Object.fromEntries(
      this.outputNames.map((name) => {
        const target = this.#passed.has(name) ? undefined : into[name];
        return [name, target ? viewOf(target) : null];
      }),
    );
    const results = await engine.run(fed, fetched).catch((error) => {
      throw engineError("running the model", error);
    });
    return Object.fromEntries(
      this.outputs.map(({ name, dtype }) => [name, this.#collect(name, dtype, results[name], into[name])]),
    );
  }

  async dispose(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    if (!engine) return;
    if (this.#profiled) engine.endProfiling();
    await engine.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #collect(name: string, dtype: DType, result: ort.Tensor, target: Tensor | undefined): Tensor {
    if (target) {
      if (this.#passed.has(name)) bytesOf(target).set(bytesOf(result));
      return target;
    }
    const { buffer, byteOffset } = result.data as Float32Array<ArrayBuffer>;
    // Not `result.data`: newer versions of Node have a float16 array, where this package keeps the bits.
    const data = new dtypes[dtype].array(buffer, byteOffset, result.size);
    return { dtype, shape: result.dims, data };
  }
}

function viewOf(tensor: Tensor): ort.Tensor {
  const known = views.get(tensor);
  if (known) return known;
  // The constructor's overloads tie each dtype to its array; this package's tensors keep the same pairs.
  const view = new ort.Tensor(tensor.dtype as "float32", tensor.data as Float32Array, tensor.shape);
  views.set(tensor, view);
  return view;
}

function bytesOf({ data }: Tensor | ort.Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function toValueInfo(metadata: ort.InferenceSession.ValueMetadata): ValueInfo {
  const { name } = metadata;
  if (!metadata.isTensor || !Object.hasOwn(dtypes, metadata.type)) {
    const found = metadata.isTensor ? metadata.type : "something that is no tensor";
    throw new SenetError(
      "engine",
      `The model's "${name}" is ${found}, which is not supported; export the model with another type.`,
    );
  }
  return { name, dtype: metadata.type as DType, shape: metadata.shape };
}
