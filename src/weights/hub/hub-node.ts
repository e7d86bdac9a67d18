import { posix } from "node:path";
import { SenetError } from "../../base/errors.ts";
import type { Connection } from "../../files/download/connection-node.ts";
import { download, isWhole } from "../../files/download/download-node.ts";
import { readWhole } from "../../files/read-whole-node.ts";
import { MAX_INDEX_BYTES, parseShardIndex } from "../formats/open-sharded-node.ts";
import { type CachedRepository, cachedRepository, hubCacheFolder } from "./hub-cache-node.ts";
import { chooseWeights, isShardIndex } from "./hub-choice.ts";
import { badInRepository, parseTimmConfig, type TimmConfig } from "./hub-config.ts";
import { type HubListing, listRepository } from "./hub-listing-node.ts";
import { type HubReference, isCommit, isSafePath, parseHubReference } from "./hub-reference.ts";
import { refusal } from "./hub-refusal.ts";
import type { ResolveOptions } from "./resolve-options.ts";

export type { HubProgress, ResolveOptions } from "./resolve-options.ts";

/** A file of weights from a hub, on this machine. */
export interface HubWeights {
  /** In the cache; not to be changed. */
  readonly path: string;
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** The commit. */
  readonly revision: string;
  /** Path in the repository. */
  readonly file: string;
  /** timm's configuration, where the repository has one. */
  readonly config?: TimmConfig;
}

const HUB = "https://huggingface.co";
const CONFIG = "config.json";
/** timm's configurations have a few kilobytes; one that names many classes has more. */
const MAX_CONFIG_BYTES = 50_000_000;

/**
 * Weights of a repository on a Hugging Face hub as a file on this machine: from the cache, which is shared with Python, or downloaded
 * into it. Of a branch or tag, the hub is asked which commit it is now; a file is downloaded once. A download that broke off goes on, and
 * only bytes with the checksum that the hub gives are taken.
 *
 * @param reference `hf:OWNER/REPO`, `hf:OWNER/REPO@REVISION`, either with `/path/of/file` behind it; `hf:` may be missing. Without a path:
 * `model.safetensors`, the index of its parts, `pytorch_model.bin`, `onnx/model.onnx`, `model.onnx`, or the only file of such a kind
 * @throws SenetError `usage` for what is no reference; `file`, one sentence, for everything that the hub, the network and the disk can do
 * @example const { path, revision } = await resolveWeights("hf:timm/seresnet50.a1_in1k");
 */
export async function resolveWeights(reference: string, options: ResolveOptions = {}): Promise<HubWeights> {
  const wanted = parseHubReference(reference);
  const cache = hubCacheFolder(options.cache);
  const repository = cachedRepository(cache, wanted.repo);
  const isOffline = options.offline ?? /^(1|on|yes|true)$/i.test(process.env.HF_HUB_OFFLINE ?? "");
  if (isOffline) {
    const cached = await fromCache(repository, wanted);
    if (typeof cached === "string") throw notCached(wanted, cache, cached);
    return cached;
  }
  if (isCommit(wanted.revision)) {
    // Of an interrupted download only a part may be there, from which no file of weights can be chosen.
    const cached = await fromCache(repository, wanted).catch(() => "part of it");
    if (typeof cached !== "string" && cached.config) return cached;
  }
  return fromHub(repository, wanted, connectionOf(options), options.onProgress);
}

/** Downloads what is missing. The configuration comes first: whether it can be used should be known before long downloads. */
async function fromHub(
  repository: CachedRepository,
  wanted: HubReference,
  connection: Connection,
  onProgress: ResolveOptions["onProgress"],
): Promise<HubWeights> {
  const { what, repo, revision } = wanted;
  const listing = await listRepository(connection, wanted);
  const { commit, files } = listing;
  const file = wanted.file ?? chooseWeights([...files.keys()], what);
  const get = (name: string) => fetchFile(repository, wanted, listing, name, connection, onProgress);
  const config = files.has(CONFIG) ? await readConfig(await get(CONFIG), `hf:${repo}/${CONFIG}`) : undefined;
  const path = await get(file);
  if (isShardIndex(file)) for (const shard of await shardsOf(path, file, what)) await get(shard);
  await repository.setCommit(revision, commit);
  return { path, repo, revision: commit, file, ...(config && { config }) };
}

/** One file in its place in the cache; downloaded unless it is there. */
async function fetchFile(
  repository: CachedRepository,
  { what, repo }: HubReference,
  { commit, files }: HubListing,
  name: string,
  connection: Connection,
  onProgress: ResolveOptions["onProgress"],
): Promise<string> {
  const file = files.get(name);
  if (!isSafePath(name)) throw unsafe(what, name);
  if (!file) {
    throw new SenetError(
      "file",
      `${what}: expected the file ${name} at commit ${commit.slice(0, 12)}, found none of this name; check the path.`,
    );
  }
  const { size, checksum } = file;
  const path = repository.pathOf(commit, name);
  // Without links, this is a file of its own.
  if (await isWhole(path, size)) return path;
  const escaped = name.split("/").map(encodeURIComponent).join("/");
  const url = `${connection.endpoint}/${repo}/resolve/${commit}/${escaped}`;
  const onBytes = (done: number) => onProgress?.({ done, total: size, what: name });
  const blob = await download(
    connection,
    { what: `hf:${repo}/${name}`, url, size, checksum },
    repository.blobs,
    onBytes,
  );
  return repository.place(blob, commit, name);
}

/** What the cache has of a reference, or what it lacks. */
async function fromCache(
  repository: CachedRepository,
  { what, repo, revision, file }: HubReference,
): Promise<HubWeights | string> {
  const commit = await repository.commitOf(revision);
  if (commit === undefined) return `nothing of its revision ${revision}`;
  const files = await repository.filesOf(commit);
  if (files.length === 0) return `nothing of its commit ${commit.slice(0, 12)}`;
  const chosen = file ?? chooseWeights(files, what);
  if (!files.includes(chosen)) return `no ${chosen} of its commit ${commit.slice(0, 12)}`;
  const path = repository.pathOf(commit, chosen);
  const shards = isShardIndex(chosen) ? await shardsOf(path, chosen, what) : [];
  const lost = shards.find((shard) => !files.includes(shard));
  if (lost !== undefined) return `no ${lost} of its commit ${commit.slice(0, 12)}`;
  const config = files.includes(CONFIG)
    ? await readConfig(repository.pathOf(commit, CONFIG), `hf:${repo}/${CONFIG}`)
    : undefined;
  return { path, repo, revision: commit, file: chosen, ...(config && { config }) };
}

/** The files that an index names, as paths in the repository. */
async function shardsOf(path: string, file: string, what: string): Promise<string[]> {
  const map = parseShardIndex(await readWhole(path, MAX_INDEX_BYTES), `${what}: ${file}`, badInRepository);
  const names = [...new Set(map.values())];
  const bad = names.find((name) => !isSafePath(name));
  if (bad !== undefined) throw unsafe(what, bad);
  return names.map((name) => posix.join(posix.dirname(file), name));
}

async function readConfig(path: string, what: string): Promise<TimmConfig | undefined> {
  return parseTimmConfig(new TextDecoder().decode(await readWhole(path, MAX_CONFIG_BYTES)), what);
}

function connectionOf({
  endpoint = process.env.HF_ENDPOINT || HUB,
  token = process.env.HF_TOKEN || undefined,
  fetch: fetchWith = fetch,
  signal,
  stallMs = 30_000,
  retryMs = 1000,
}: ResolveOptions): Connection {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new SenetError(
      "usage",
      `HF_ENDPOINT: expected the address of a hub, such as ${HUB}, found ${JSON.stringify(endpoint)}; correct it.`,
    );
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new SenetError(
      "usage",
      "HF_TOKEN: expected a token without spaces, found other characters; copy it again.",
    );
  }
  const hub = { endpoint: endpoint.replace(/\/+$/, ""), token };
  return {
    ...hub,
    fetch: fetchWith,
    stallMs,
    retryMs,
    signal,
    refusal: (status, headers, what) => refusal(status, headers, what, hub),
    otherwise: "or work offline if it is in the cache",
  };
}

function notCached({ what }: HubReference, cache: string, found: string): SenetError {
  return new SenetError(
    "file",
    `${what}: expected the repository in the cache ${cache}, as nothing is downloaded offline, found ${found}; run once without \`offline\` and HF_HUB_OFFLINE.`,
  );
}

function unsafe(what: string, name: string): SenetError {
  return new SenetError(
    "file",
    `${what}: expected files inside the repository, found the name ${JSON.stringify(name.slice(0, 80))}; do not trust this repository.`,
  );
}
