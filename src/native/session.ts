import { SenetError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Dnnl } from "./binding/dnnl.ts";
import { compile } from "./compile.ts";
import type { Operand } from "./plan/program.ts";
import { Program } from "./program-runner.ts";

/**
 * A graph that oneDNN runs, with the states that it carries from run to run, on the calling thread.
 *
 * @example
 * const session = new DnnlSession(library, composeTrainStep(net, { batch: 32, optimizer: sgd() }).graph);
 * session.input("images").set(images);
 * session.run();
 * session.output("loss")[0];
 */
export class DnnlSession {
  readonly program: Program;
  readonly #dnnl: Dnnl;
  readonly #inputs: ReadonlyMap<string, Operand>;
  readonly #outputs: ReadonlyMap<string, Operand>;
  readonly #states: ReadonlyMap<string, Operand>;
  #isDisposed = false;

  /**
   * @param dnnl used by nothing else, and freed with this
   * @param graph of known sizes; `next/NAME` among its outputs is the content of the input NAME in the next run
   * @param available bytes of memory that it may take: the system would grant more, and end the process when they are used
   * @throws RangeError when that is too little; SenetError `engine` for an operator that oneDNN has no form for
   */
  constructor(dnnl: Dnnl, graph: Graph, available?: number) {
    this.#dnnl = dnnl;
    const compiled = compile(dnnl, graph);
    this.#inputs = compiled.inputs;
    this.#outputs = compiled.outputs;
    this.#states = compiled.states;
    this.program = new Program(dnnl, compiled, available);
    for (const [value, place] of compiled.planner.contents) {
      if (value.tensor) this.program.write(place, rowsOf(value.tensor));
    }
  }

  /** The memory of an input, to be filled before a run: integers as float32. */
  input(name: string): Float32Array {
    return this.program.floats(found(this.#inputs, name));
  }

  /** The memory of an output, in rows; overwritten by the next run. */
  output(name: string): Float32Array {
    return this.program.floats(found(this.#outputs, name));
  }

  /** A state's numbers in rows, copied. */
  readState(name: string): Float32Array {
    const place = found(this.#states, name);
    const numbers = new Float32Array(sizeOf(place.desc.dims));
    this.program.read(place, numbers);
    return numbers;
  }

  /** @param numbers in rows */
  writeState(name: string, numbers: Float32Array): void {
    this.program.write(found(this.#states, name), numbers);
  }

  /** @throws SenetError `engine` after `dispose` */
  run(): void {
    if (this.#isDisposed) {
      throw new SenetError("engine", "The oneDNN session is disposed and cannot run; create another one.");
    }
    this.program.run();
  }

  /** Frees what oneDNN holds. May be called more than once. */
  dispose(): void {
    this.#isDisposed = true;
    this.#dnnl.dispose();
  }
}

function rowsOf({ data }: Tensor): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

function found(places: ReadonlyMap<string, Operand>, name: string): Operand {
  const place = places.get(name);
  if (place) return place;
  throw new SenetError("graph", `Expected one of ${[...places.keys()].join(", ")}, found "${name}".`);
}
