import { SenetError } from "../../base/errors.ts";
import { type Connection, fetchWhole } from "../../files/download/connection-node.ts";
import type { Checksum, FileFacts } from "../../files/download/download-node.ts";
import { type HubReference, isCommit } from "./hub-reference.ts";

/** What a hub says of a repository at one commit. */
export interface HubListing {
  readonly commit: string;
  /** By path. */
  readonly files: ReadonlyMap<string, FileFacts>;
}

/** Longest answer of the hub's API, in bytes: a page of it has a thousand files. */
const MAX_ANSWER_BYTES = 50_000_000;
/** Most answers for one listing. */
const MAX_ANSWERS = 100;

/** The commit that a revision means, and the files there. */
export async function listRepository(
  connection: Connection,
  { what, repo, revision }: HubReference,
): Promise<HubListing> {
  // Only those who download pay for loading it.
  const { listFiles, modelInfo } = await import("@huggingface/hub");
  const asking = { hubUrl: connection.endpoint, fetch: apiFetch(connection, what) };
  try {
    const { sha } = await modelInfo({ ...asking, name: repo, revision, additionalFields: ["sha"] });
    if (typeof sha !== "string" || !isCommit(sha) || (isCommit(revision) && sha !== revision)) {
      throw answerError(what, connection, "no commit");
    }
    const files = new Map<string, FileFacts>();
    const listing = listFiles({
      ...asking,
      repo: { type: "model", name: repo },
      revision: sha,
      recursive: true,
    });
    for await (const { type, path, size, oid, lfs } of listing) {
      if (type !== "file") continue;
      const checksum = checksumOf(lfs?.oid, oid);
      const bytes = lfs?.size ?? size;
      if (typeof path !== "string" || !checksum || !Number.isSafeInteger(bytes) || bytes < 0) {
        throw answerError(what, connection, `${JSON.stringify(path)} without size and checksum`);
      }
      files.set(path, { size: bytes, checksum });
    }
    return { commit: sha, files };
  } catch (error) {
    // Whatever an answer held that its reader did not expect.
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw answerError(what, connection, "something else", error);
    }
    throw error;
  }
}

/** Both become names of files, so they are checked to be nothing else than hexadecimal. */
function checksumOf(sha256: unknown, sha1: unknown): Checksum | undefined {
  if (sha256 !== undefined) {
    const isRight = typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
    return isRight ? { kind: "sha256", hex: sha256 } : undefined;
  }
  const isRight = typeof sha1 === "string" && isCommit(sha1);
  return isRight ? { kind: "git-sha1", hex: sha1 } : undefined;
}

/** A `fetch` for the hub's own library: with our token, timeouts, repetitions and limits. */
function apiFetch(connection: Connection, what: string): typeof fetch {
  let answers = 0;
  return async (input, init) => {
    answers++;
    if (answers > MAX_ANSWERS) throw answerError(what, connection, `more than ${MAX_ANSWERS} pages`);
    const headers = Object.fromEntries(new Headers(init?.headers));
    const tooLong = () => answerError(what, connection, `more than ${MAX_ANSWER_BYTES} bytes`);
    return fetchWhole(connection, String(input), headers, what, { maxBytes: MAX_ANSWER_BYTES, tooLong });
  };
}

function answerError(what: string, { endpoint }: Connection, found: string, cause?: unknown): SenetError {
  return new SenetError(
    "file",
    `${what}: expected ${endpoint} to list the repository's files, found ${found}; check HF_ENDPOINT.`,
    { cause },
  );
}
