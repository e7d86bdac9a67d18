/// <reference lib="esnext.disposable" preserve="true" />

/** Holds memory, a thread or an open file. Free it with `dispose`, or declare it with `await using`. */
export interface Resource extends AsyncDisposable {
  /** Frees what is held. May be called more than once. */
  dispose(): Promise<void>;
}

/** Both names under which a resource is released. */
export function disposable(dispose: () => Promise<void>): Resource {
  return { dispose, [Symbol.asyncDispose]: dispose };
}
