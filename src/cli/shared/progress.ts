import { grouped } from "../../base/format.ts";

/** Shows the progress of long work, on stderr. Declared with `using`, its live line goes whatever happens. */
export interface Progress extends Disposable {
  /** What is being done right now; on a terminal one line that is overwritten, elsewhere a plain line now and then. */
  update(text: () => string): void;
  /** Something to keep. */
  line(text: string): void;
  /** Removes the live line. */
  end(): void;
}

/** How often the live line is drawn again. */
const REDRAW_MS = 100;
/** Without a terminal: after how long a piece of work first speaks, and how often from then on. */
const FIRST_LINE_MS = 2000;
const NEXT_LINE_MS = 10_000;

/**
 * Progress on a stream: live on a terminal, plain lines otherwise.
 *
 * @example progress.update(() => `epoch 1/10, step ${step}`); progress.line("epoch 1: accuracy 62 %");
 */
export function createProgress(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  return stream.isTTY ? liveProgress(stream, now) : plainProgress(stream, now);
}

/** Shows how many of how many are done. */
export function counter(progress: Progress, what: string): (done: number, total: number) => void {
  return (done, total) => progress.update(() => `${what} ${grouped(done)}/${grouped(total)}`);
}

/** Says what is being waited for, and for how long already, until it is there. */
export async function whileWaiting<T>(progress: Progress, what: string, result: Promise<T>): Promise<T> {
  const started = performance.now();
  const show = () => progress.update(() => `${what}, ${Math.round((performance.now() - started) / 1000)} s`);
  const timer = setInterval(show, REDRAW_MS * 5);
  try {
    return await result;
  } finally {
    clearInterval(timer);
    progress.end();
  }
}

function liveProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  const CLEAR = "\r\u001b[2K";
  let shown = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const end = () => {
    if (shown) stream.write(CLEAR);
    shown = false;
    drawnAt = Number.NEGATIVE_INFINITY;
  };
  return {
    update(text) {
      if (now() - drawnAt < REDRAW_MS) return;
      drawnAt = now();
      // A line that wraps could not be removed again.
      stream.write(CLEAR + text().slice(0, Math.max(1, (stream.columns || 80) - 1)));
      shown = true;
    },
    line(text) {
      end();
      stream.write(`${text}\n`);
    },
    end,
    [Symbol.dispose]: end,
  };
}

function plainProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  let due = now() + FIRST_LINE_MS;
  return {
    update(text) {
      if (now() < due) return;
      due = now() + NEXT_LINE_MS;
      stream.write(`${text()}\n`);
    },
    line(text) {
      due = Math.max(due, now() + FIRST_LINE_MS);
      stream.write(`${text}\n`);
    },
    end() {},
    [Symbol.dispose]() {},
  };
}
