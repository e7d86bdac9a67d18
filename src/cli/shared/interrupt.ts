import type { Progress } from "./progress.ts";

/** A window in which a second interrupt is the echo of the first: npm passes on what the terminal sends to all. */
const ECHO_MS = 1000;

/** What the operating system reports of a process that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
const signals = ["SIGINT", "SIGTERM"] as const;

/** Until work that can end in order begins, the first Ctrl-C ends the process, which has written nothing yet, with a line that says so. */
export function endAtInterrupt(): void {
  for (const name of signals) process.once(name, endAtOnce);
}

function endAtOnce(name: keyof typeof exitCodes): void {
  process.stderr.write("interrupted; nothing was written\n");
  process.exit(exitCodes[name]);
}

/** Declared with `using`, it gives the keys their usual meaning back in the end. */
export interface Interrupt extends Disposable {
  /** Fires at the first Ctrl-C (or request to terminate). */
  readonly signal: AbortSignal;
  /** What to exit with, once it has fired. */
  readonly exitCode: number;
}

/**
 * Lets work end in order: the first Ctrl-C only asks it to stop, the second kills as usual. From then on `endAtInterrupt` is over.
 *
 * @param onFirst called at once, as stopping may take a moment
 */
export function catchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode = 0;
  const release = () => {
    for (const name of signals) process.off(name, stop);
  };
  const stop = (name: "SIGINT" | "SIGTERM") => {
    if (controller.signal.aborted) return;
    exitCode = exitCodes[name];
    onFirst();
    controller.abort();
    setTimeout(release, ECHO_MS).unref();
  };
  for (const name of signals) process.off(name, endAtOnce).on(name, stop);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: release,
  };
}

/**
 * Work that the first Ctrl-C stops; then `message` is printed and the exit code set.
 *
 * @param work calls `check` now and then, which throws once it is to stop
 * @returns what the work returned, or undefined when it was stopped
 */
export async function stoppable<T>(
  progress: Progress,
  message: string,
  work: (check: () => void) => Promise<T>,
): Promise<T | undefined> {
  using interrupt = catchInterrupt(() => progress.end());
  try {
    return await work(() => interrupt.signal.throwIfAborted());
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.line(message);
    process.exitCode = interrupt.exitCode;
    return undefined;
  } finally {
    progress.end();
  }
}
