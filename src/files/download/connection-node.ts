import { setTimeout as sleep } from "node:timers/promises";
import { defined } from "../../base/defined.ts";
import { SenetError } from "../../base/errors.ts";

/** How requests to a server are made. */
export interface Connection {
  /** Its address, without a slash at the end. */
  readonly endpoint: string;
  /** Sent to the endpoint, and nowhere else. */
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs: number;
  /** Milliseconds to wait after the first failure; doubled after each further one. */
  readonly retryMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What a status means that is neither success nor a failure that may pass. */
  refusal(status: number, headers: Headers, what: string): SenetError;
  /** What else to do where the server cannot be reached, behind "check the network and try again". */
  readonly otherwise?: string;
}

/** An answer whose bytes are still to come. */
export interface ByteStream {
  readonly status: number;
  readonly headers: Headers;
  /** @throws ConnectionLost when they do not come */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends it; to be called in every case. */
  close(): void;
}

/** A failure that may pass. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  /** What the server asks to wait. */
  waitMs?: number;
  /** The host cannot be reached: an immediate retry is of no use. */
  isHopeless = false;
}

const MAX_REDIRECTS = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Most failures in a row. */
const MAX_FAILURES = 5;
/** Bytes that make a failure the first one again. */
const PROGRESS_BYTES = 2 ** 20;
/** Longest pause, whether the server asks for it or not. */
const MAX_WAIT_MS = 60_000;

/** Errors of the operating system for a host that cannot be reached. */
const hopeless = new Set(["ENOTFOUND", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * Requests an address and follows redirects itself: the token must not go to another host, as it could with `fetch`.
 *
 * @throws ConnectionLost for a failure that may pass; SenetError `file` for an answer that will not change
 */
export async function openStream(
  connection: Connection,
  address: string,
  headers: Readonly<Record<string, string>>,
  what: string,
): Promise<ByteStream> {
  const watch = watchStall(connection);
  try {
    let url = new URL(address);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const response = await connection.fetch(url, {
        headers: { ...headers, ...tokenFor(url, connection) },
        redirect: "manual",
        signal: watch.signal,
      });
      watch.alive();
      const { status } = response;
      const location = response.headers.get("location");
      if (!redirects.has(status) || location === null) {
        // 416 says that nothing is left of a file, which its reader knows how to take.
        if (response.ok || status === 416) return streamOf(response, watch);
        await response.body?.cancel();
        throw failure(response, what, connection);
      }
      await response.body?.cancel();
      url = redirected(url, location, what);
    }
  } catch (error) {
    watch.end();
    throw watch.explain(error);
  }
  watch.end();
  throw new SenetError(
    "file",
    `${what}: expected at most ${MAX_REDIRECTS} redirects, found more; report it to the owner of ${connection.endpoint}.`,
  );
}

/**
 * Repeats what a lost connection interrupted, a few times, after pauses.
 *
 * @param bytes how many have come so far: while they come, it continues
 */
export async function retry<T>(
  connection: Connection,
  what: string,
  attempt: () => Promise<T>,
  bytes: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  for (let before = bytes(); ; before = bytes()) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      failures = bytes() - before >= PROGRESS_BYTES ? 1 : failures + 1;
      if (error.isHopeless || failures === MAX_FAILURES) throw unreachable(what, connection, error, failures);
      const wait = error.waitMs ?? connection.retryMs * 2 ** (failures - 1);
      await sleep(Math.min(wait, MAX_WAIT_MS), undefined, defined({ signal: connection.signal }));
    }
  }
}

/**
 * The whole answer to a request, from a server that may be busy for a moment.
 *
 * @param tooLong the error of an answer of more than `maxBytes`
 */
export function fetchWhole(
  connection: Connection,
  address: string,
  headers: Readonly<Record<string, string>>,
  what: string,
  { maxBytes, tooLong }: { readonly maxBytes: number; tooLong(): Error },
): Promise<Response> {
  return retry(connection, what, async () => {
    const stream = await openStream(connection, address, headers, what);
    try {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of stream.chunks) {
        length += chunk.length;
        if (length > maxBytes) throw tooLong();
        parts.push(chunk);
      }
      return new Response(Buffer.concat(parts), { status: stream.status, headers: stream.headers });
    } finally {
      stream.close();
    }
  });
}

function unreachable(
  what: string,
  { endpoint, otherwise }: Connection,
  lost: ConnectionLost,
  failures: number,
): SenetError {
  const often = failures === 1 ? "" : `, ${failures} times`;
  return new SenetError(
    "file",
    `${what}: expected an answer from ${endpoint}, found none (${lost.message}${often}); check the network and try again${otherwise === undefined ? "" : `, ${otherwise}`}.`,
    { cause: lost },
  );
}

function tokenFor(url: URL, { endpoint, token }: Connection): Record<string, string> {
  if (token === undefined || url.origin !== new URL(endpoint).origin) return {};
  return { authorization: `Bearer ${token}` };
}

function redirected(from: URL, location: string, what: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:")) return to;
  throw new SenetError(
    "file",
    `${what}: expected ${from.origin} to redirect to a web address as safe as its own, found ${JSON.stringify(location.slice(0, 80))}; do not trust this endpoint.`,
  );
}

/** What a status that is neither success nor redirect means. */
function failure({ status, headers }: Response, what: string, connection: Connection): Error {
  if (status !== 408 && status !== 429 && status < 500) return connection.refusal(status, headers, what);
  const seconds = headers.get("retry-after");
  const lost = new ConnectionLost(`status ${status}`);
  if (seconds !== null && /^\d{1,6}$/.test(seconds)) lost.waitMs = 1000 * Number(seconds);
  return lost;
}

/** Gives a connection up when `alive` is not called for too long. */
function watchStall({ stallMs, signal }: Connection) {
  const stalled = new AbortController();
  const lost = new ConnectionLost(`no byte for ${stallMs / 1000} s`);
  let timer = setTimeout(() => stalled.abort(lost), stallMs);
  return {
    signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    alive() {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(lost), stallMs);
    },
    end() {
      clearTimeout(timer);
      stalled.abort();
    },
    /** What an error under this watch really is. */
    explain(error: unknown): unknown {
      if (signal?.aborted) return signal.reason;
      if (stalled.signal.reason === lost) return lost;
      if (error instanceof SenetError || error instanceof ConnectionLost) return error;
      const code = codeOf(error);
      return Object.assign(new ConnectionLost(code, { cause: error }), { isHopeless: hopeless.has(code) });
    },
  };
}

/** What `fetch` hides in the cause of its TypeError. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  if (cause instanceof Error) return codeOf(cause);
  return "code" in error ? String(error.code) : error.message;
}

function streamOf({ status, headers, body }: Response, watch: ReturnType<typeof watchStall>): ByteStream {
  async function* chunks() {
    try {
      for await (const chunk of body ?? []) {
        watch.alive();
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw watch.explain(error);
    }
  }
  return { status, headers, chunks: chunks(), close: () => watch.end() };
}
