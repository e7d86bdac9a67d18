import type { Worker } from "node:worker_threads";
import { SenetError } from "../../base/errors.ts";
import { fromFailure } from "../../base/failure.ts";
import type { StepReply, StepRequest } from "./step-protocol.ts";

type Answer = Exclude<StepReply, { type: "failed" }>;

/** Who waits for an answer. */
interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * The main thread's end of a step runner's worker: gives every request its answer, as they come in the same order, and lets the
 * process exit while none is awaited.
 */
export class StepChannel {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  /** Why there are no more answers. */
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (reply: StepReply) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) worker.unref();
      if (reply.type === "failed") waiting?.reject(fromFailure(reply.failure));
      else waiting?.resolve(reply);
    });
    worker.on("error", (error) => this.#end(error));
    worker.on("exit", () => this.#end(over("has lost its thread")));
    worker.unref();
  }

  /** The answer; rejects with the error that it failed with, or that ended the thread. */
  ask(request: StepRequest, transfer: ArrayBuffer[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#worker.postMessage(request, transfer);
      this.#waiting.push({ resolve, reject });
      this.#worker.ref();
    });
  }

  /** Ends the thread once it has done what was asked before. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const disposed = this.ask({ type: "dispose" }).catch(() => {}); // a thread that cannot answer holds nothing any more
    this.#ended ??= over("is disposed");
    await disposed;
    await this.#worker.terminate();
  }

  #end(why: Error): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(why);
  }
}

function over(why: string): SenetError {
  return new SenetError("engine", `The runner of training steps ${why} and cannot run; open another one.`);
}
