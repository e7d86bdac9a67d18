import { reasonOf } from "../../base/errors.ts";
import type { LibraryCandidate } from "./find-library-node.ts";

/** A library that was opened, if any, and why those before it were not. */
export type Opened<T> = (
  | { readonly candidate: LibraryCandidate; readonly library: T }
  | { readonly candidate: undefined }
) & { readonly refused: readonly Refused[] };

/** A library that is there and cannot be used. */
export interface Refused {
  readonly candidate: LibraryCandidate;
  readonly reason: string;
}

/**
 * Opens the first library that can be opened.
 *
 * @param open throws for what cannot be used
 * @throws what `open` throws for a library that the environment names: what was asked for is not replaced silently
 * @example const { library } = await openFirst(await findLibraries(), ({ path }) => openDnnl(path));
 */
export async function openFirst<T>(
  candidates: readonly LibraryCandidate[],
  open: (candidate: LibraryCandidate) => T | Promise<T>,
): Promise<Opened<T>> {
  const refused: Refused[] = [];
  for (const candidate of candidates) {
    try {
      return { candidate, library: await open(candidate), refused };
    } catch (error) {
      if (candidate.source === "environment") throw error;
      const reason = reasonOf(error);
      if (!isAbsent(candidate, reason)) refused.push({ candidate, reason });
    }
  }
  return { candidate: undefined, refused };
}

/**
 * Whether there is no library of this name. Of one that is there and needs another, the loader says that one's name: Linux before the
 * reason, macOS behind "Library not loaded".
 */
function isAbsent({ path }: LibraryCandidate, reason: string): boolean {
  if (/[/\\]/.test(path)) return false;
  return /library: cannot open shared object|^(?!.*Library not loaded).*no such file|could not be found/.test(
    reason,
  );
}
