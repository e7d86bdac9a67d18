import { SenetError } from "../../base/errors.ts";
import { reportFailure } from "./failure.ts";

/**
 * Decides what becomes of a command when stdout or stderr cannot be written to. It goes on in any case, as what it makes may be a
 * file: whoever reads a pipe may leave early (`senet models | head`, `senet train … 2>&1 | head`), and nothing is wrong then.
 * A result that is lost for another reason, such as a full disk, is reported, with exit code 1.
 */
export function watchStreams(): void {
  let isReported = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isReported) return;
    isReported = true;
    process.exitCode = reportFailure(lost(error), process.argv.includes("--debug"));
  });
  process.stderr.on("error", () => {}); // nowhere is left to report it
}

function lost(cause: NodeJS.ErrnoException): SenetError {
  const found = cause.code === "ENOSPC" ? "a full disk" : `an error (${cause.code ?? cause.message})`;
  return new SenetError(
    "file",
    `stdout: expected a place for the result, found ${found}; send it elsewhere and run again.`,
    { cause },
  );
}
