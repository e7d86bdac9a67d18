import type { LibraryCandidate } from "./find-library-node.ts";

/** Where a library may come from. */
export const librarySources = ["apt", "conda-forge"] as const;
export type LibrarySource = (typeof librarySources)[number];

/** How far an installation is. */
export interface InstallProgress {
  /** Bytes so far. */
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  /** What is being downloaded. */
  readonly what: string;
}

/** Options of `installLibrary`. */
export interface InstallOptions {
  /** Default: apt, where there is one that knows oneDNN; otherwise conda-forge. */
  readonly from?: LibrarySource;
  /** Opens the library before it takes its place; when it throws, nothing is installed. Default: it is not opened. */
  readonly check?: (library: LibraryCandidate) => Promise<unknown>;
  /** Called repeatedly during a download. */
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Cancels it; nothing is installed then. */
  readonly signal?: AbortSignal;
  /** Address of the server that has conda-forge's packages. Default `https://api.anaconda.org`. */
  readonly baseUrl?: string;
  /** Milliseconds without a byte after which a connection is closed and another one opened. Default 30,000. */
  readonly stallMs?: number;
  /** Milliseconds before the first retry, doubled for each further one. Default 1000. */
  readonly retryMs?: number;
}

export type InstallSettings = Omit<InstallOptions, "from">;
