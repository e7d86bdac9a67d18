/** Progress of a download. */
export interface HubProgress {
  /** Bytes so far. */
  readonly done: number;
  readonly total: number;
  /** The file, as the repository names it. */
  readonly what: string;
}

/** Options of `resolveWeights`. */
export interface ResolveOptions {
  /** Folder of the cache. Default: `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or `~/.cache/huggingface/hub`. */
  readonly cache?: string;
  /** Use the cache only, without network access. Default: what `HF_HUB_OFFLINE` says. */
  readonly offline?: boolean;
  /** Makes every request, for instance through a proxy; called with `redirect: "manual"` and a signal. Default: Node's own. */
  readonly fetch?: typeof fetch;
  /** Address of the hub. Default: `HF_ENDPOINT`, or `https://huggingface.co`. */
  readonly endpoint?: string;
  /** Sent to the endpoint, and to no other host. Default: `HF_TOKEN`. */
  readonly token?: string;
  /** Called repeatedly while a file is downloaded. */
  readonly onProgress?: (progress: HubProgress) => void;
  /** Cancels the download; the next call continues where it stopped. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a connection is closed and another one opened. Default 30,000. */
  readonly stallMs?: number;
  /** Milliseconds before the first retry, doubled for each further one. Default 1000. */
  readonly retryMs?: number;
}

/** The names of all options, to find them among others. */
export const resolveOptionNames = [
  "cache",
  "offline",
  "fetch",
  "endpoint",
  "token",
  "onProgress",
  "signal",
  "stallMs",
  "retryMs",
] as const satisfies readonly (keyof ResolveOptions)[];
