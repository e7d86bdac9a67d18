import type { Worker } from "node:worker_threads";
import { SenetError } from "../../base/errors.ts";
import { fromFailure } from "../../base/failure.ts";
import type { OpenOptions } from "../dataset/dataset.ts";
import { type LoaderReply, type LoaderRequest, OPENING } from "./loader-protocol.ts";

/** An answer that belongs to a request. */
type Answer = Exclude<LoaderReply, { type: "progress" | "failed" }>;

/** Answers that nobody has waited for yet, or the request that waits for one. */
interface Mailbox {
  readonly arrived: (Answer | Error)[];
  waiting: { resolve(reply: Answer): void; reject(error: Error): void } | undefined;
}

/**
 * The main thread's end of a loader's worker: sorts answers by request, turns failures into errors, and lets
 * the process exit while no request is pending.
 */
export class LoaderChannel {
  readonly #worker: Worker;
  readonly #mailboxes = new Map<number, Mailbox>();
  #lastId = OPENING;
  #waiting = 0;
  #ended: SenetError | undefined;

  constructor(worker: Worker, onProgress: OpenOptions["onProgress"]) {
    this.#worker = worker;
    this.#mailboxes.set(OPENING, { arrived: [], waiting: undefined });
    worker.on("message", (reply: LoaderReply) => {
      if (reply.type === "progress") onProgress?.(reply.progress);
      else if (reply.type === "failed") this.#deliver(reply.id, fromFailure(reply.failure));
      else this.#deliver(reply.type === "ready" ? OPENING : reply.id, reply);
    });
    worker.on("error", (error) => this.#end(`stopped: ${error.message}`, error));
    worker.on("exit", () => this.#end("was closed"));
    worker.unref();
  }

  /** A new request's id. */
  open(): number {
    const id = ++this.#lastId;
    this.#mailboxes.set(id, { arrived: [], waiting: undefined });
    return id;
  }

  /** Answers to `id` that still arrive are dropped. */
  forget(id: number): void {
    this.#mailboxes.delete(id);
  }

  send(request: LoaderRequest, transfer: ArrayBuffer[] = []): void {
    if (this.#ended === undefined) this.#worker.postMessage(request, transfer);
  }

  /** The next answer to `id`; rejects with the error that it failed with. */
  receive(id: number): Promise<Answer> {
    const mailbox = this.#mailboxes.get(id);
    const next = mailbox?.arrived.shift() ?? this.#ended;
    if (next instanceof Error) return Promise.reject(next);
    if (next !== undefined) return Promise.resolve(next);
    return new Promise<Answer>((resolve, reject) => {
      if (mailbox !== undefined) mailbox.waiting = { resolve, reject };
      if (this.#waiting++ === 0) this.#worker.ref();
    });
  }

  async dispose(): Promise<void> {
    this.#end("was closed");
    await this.#worker.terminate();
  }

  #deliver(id: number, reply: Answer | Error): void {
    const mailbox = this.#mailboxes.get(id);
    if (mailbox === undefined) return;
    const { waiting } = mailbox;
    if (waiting === undefined) {
      mailbox.arrived.push(reply);
      return;
    }
    mailbox.waiting = undefined;
    if (--this.#waiting === 0) this.#worker.unref();
    if (reply instanceof Error) waiting.reject(reply);
    else waiting.resolve(reply);
  }

  #end(what: string, cause?: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = new SenetError(
      "data",
      `Data loader: expected a running thread, but it ${what}; open it again.`,
      { cause },
    );
    for (const [id, { waiting }] of this.#mailboxes) if (waiting) this.#deliver(id, this.#ended);
  }
}
