import { loadKoffi } from "../../native/binding/foreign-node.ts";
import { findLibraries, type LibraryCandidate } from "../../native/library/find-library-node.ts";
import { installedLibraries, libraryCache } from "../../native/library/installed-libraries-node.ts";
import { openFirst } from "../../native/library/open-first.ts";
import { physicalCores } from "../../runtime/physical-cores-node.ts";
import { type LibraryReport, probeLibrary } from "./probe-library.ts";

/** What `senet engine` says. */
export interface EngineState {
  /** oneDNN, if training can use it. */
  readonly library: UsableLibrary | null;
  /** Libraries that are there and cannot be used. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** The version of koffi, the package that calls oneDNN, if it is installed for this platform. */
  readonly koffi: string | null;
  /** What `senet train` takes if not told otherwise. */
  readonly threads: number;
}

interface UsableLibrary extends LibraryReport {
  readonly path: string;
  readonly source: LibraryCandidate["source"];
  /** What was installed, where `senet engine install` did it. */
  readonly origin?: string;
}

/**
 * Looks for oneDNN and opens it.
 *
 * @throws SenetError when `SENET_ONEDNN` names something that cannot be used
 */
export async function engineState(): Promise<EngineState> {
  const candidates = await findLibraries();
  const threads = physicalCores();
  const koffi = koffiHere();
  if (koffi === null) return { library: null, refused: [], koffi, threads };
  const opened = await openFirst(candidates, probeLibrary);
  const refused = opened.refused.map(({ candidate, reason }) => ({ path: candidate.path, reason }));
  if (!opened.candidate) return { library: null, refused, koffi, threads };
  const { path, source } = opened.candidate;
  const installed = (await installedLibraries(libraryCache())).find((one) => one.path === path);
  const library = { path, source, ...(installed && { origin: installed.origin }), ...opened.library };
  return { library, refused, koffi, threads };
}

function koffiHere(): string | null {
  try {
    return loadKoffi().version;
  } catch {
    return null;
  }
}
