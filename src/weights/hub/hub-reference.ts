import { SenetError } from "../../base/errors.ts";

/** What a reference to a file on a Hugging Face hub says. */
export interface HubReference {
  /** As given, with `hf:` in front, for messages. */
  readonly what: string;
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Path inside the repository; none where it is to be chosen. */
  readonly file?: string;
}

const DEFAULT_REVISION = "main";

/** Longest path of a file in a repository, in characters. */
const MAX_PATH = 1024;

const pattern = /^(?:hf:)?([^/@]+)\/([^/@]+)(?:@(refs\/[^/]+\/[^/]+|[^/]+))?(?:\/(.*))?$/s;

/** Reads `hf:OWNER/REPO`, `hf:OWNER/REPO@REVISION` or either with `/path/to/file` behind it; `hf:` may be missing. */
export function parseHubReference(text: string): HubReference {
  const [, owner = "", name = "", revision = DEFAULT_REVISION, file] = pattern.exec(text) ?? [];
  const isRead =
    [owner, name].every(isRepoName) &&
    revision.split("/").every(isRevisionPart) &&
    (file === undefined || isSafePath(file));
  if (!isRead) {
    throw new SenetError(
      "usage",
      `${JSON.stringify(text)}: expected hf:OWNER/REPO, then perhaps @REVISION and /path/of/file, found something else; correct it.`,
    );
  }
  const what = text.startsWith("hf:") ? text : `hf:${text}`;
  return { what, repo: `${owner}/${name}`, revision, ...(file !== undefined && { file }) };
}

/** The hub's own rule: up to 96 letters, digits, `-`, `_` and `.`, the last two not doubled nor at an end. */
function isRepoName(name: string): boolean {
  return /^(?!.*(--|\.\.))[A-Za-z0-9_]([\w.-]{0,94}[A-Za-z0-9_])?$/.test(name);
}

/** It becomes part of the path of a file in the cache. */
function isRevisionPart(part: string): boolean {
  return /^(?!.*\.\.)\w[\w.+-]{0,254}$/.test(part);
}

/** Whether a revision is a commit, which never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Whether a path from a repository stays inside the folder that it is joined to, on every system. */
export function isSafePath(path: string): boolean {
  if (path.length > MAX_PATH || /[\\:\p{Cc}]/u.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
