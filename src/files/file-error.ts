import { SenetError } from "../base/errors.ts";

/**
 * A failed file operation as one sentence with advice. An error that the operating system did not raise
 * (one without a `code`) is returned as it is.
 *
 * @param path the file the user named.
 */
export function fileError(doing: "read" | "write", path: string, error: unknown): unknown {
  const code = error instanceof SenetError ? undefined : systemCode(error);
  return code === undefined ? error : new SenetError("file", sentence(doing, path, code), { cause: error });
}

/** What the operating system calls an error, such as `ENOENT`; nothing for errors of another origin. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function sentence(doing: "read" | "write", path: string, code: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `disk full: ${path} could not be written; free some space and run again, nothing was changed.`;
    case "ENOENT":
      return doing === "read"
        ? `${path}: expected a file, found nothing; check the path.`
        : `${path}: expected an existing folder to write into, found none; create it first.`;
    case "ENOTDIR":
      return `${path}: expected a folder before the last "/", found a file; check the path.`;
    case "EISDIR":
      return `${path}: expected a file, found a folder; give the path of a file.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path}: no permission to ${doing} it (${code}); change the permissions or choose another path.`;
    default:
      return `${path}: could not ${doing} it (${code}); check the path and the disk.`;
  }
}
