import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with the next transfers of a file. */
export type Trouble = "break" | "stall" | "short" | "corrupt" | "busy" | "circle";

/** A server that speaks as the Hugging Face hub does, as far as downloads go. */
export interface HubServer {
  readonly address: string;
  readonly commit: string;
  /** `PATH range` or `PATH` of every request so far. */
  readonly requests: string[];
  /** The `authorization` headers of requests to the place where files are, by path. */
  readonly tokensAtStore: (string | undefined)[];
  /** One for each transfer to come; then all goes well. */
  readonly troubles: Trouble[];
  close(): void;
}

/** Serves `OWNER/NAME` with files, the large ones by redirection to another host, as the hub does. */
export async function startHubServer(
  repo: string,
  files: Readonly<Record<string, Uint8Array>>,
  { token }: { token?: string } = {},
): Promise<HubServer> {
  const commit = createHash("sha1").update(repo).digest("hex");
  const requests: string[] = [];
  const tokensAtStore: (string | undefined)[] = [];
  const troubles: Trouble[] = [];
  const store = createServer((request, answer) => {
    tokensAtStore.push(request.headers.authorization);
    const name = decodeURIComponent(request.url ?? "").slice(1);
    requests.push(`store ${name}${request.headers.range ? ` ${request.headers.range}` : ""}`);
    sendFile(request, answer, files[name], troubles.shift());
  }).listen(0, "127.0.0.1");
  const hub = createServer((request, answer) => {
    const url = new URL(request.url ?? "", "http://hub");
    requests.push(url.pathname);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      answer.writeHead(401, { "x-error-code": "GatedRepo" }).end("{}");
    } else if (url.pathname.startsWith(`/api/models/${repo}/revision/`)) {
      answer.end(JSON.stringify({ _id: "1", id: repo, sha: commit, downloads: 0, likes: 0 }));
    } else if (url.pathname.startsWith(`/api/models/${repo}/tree/${commit}`)) {
      answer.end(JSON.stringify(Object.entries(files).map(([path, bytes]) => listed(path, bytes))));
    } else if (url.pathname.startsWith(`/${repo}/resolve/${commit}/`)) {
      const path = url.pathname.slice(`/${repo}/resolve/${commit}/`.length);
      if (troubles[0] === "circle") answer.writeHead(302, { location: url.pathname }).end();
      else if (isLarge(path)) answer.writeHead(302, { location: `${storeAddress()}/${path}` }).end();
      else sendFile(request, answer, files[decodeURIComponent(path)], undefined);
    } else answer.writeHead(404).end("{}");
  }).listen(0, "127.0.0.1");
  const storeAddress = () => `http://localhost:${(store.address() as AddressInfo).port}`;
  await Promise.all([hub, store].map((server) => server.listening || once(server, "listening")));
  return {
    address: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    commit,
    requests,
    tokensAtStore,
    troubles,
    close() {
      for (const server of [hub, store]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function isLarge(path: string): boolean {
  return !path.endsWith(".json");
}

function listed(path: string, bytes: Uint8Array) {
  const oid = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  const lfs = { oid: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, pointerSize: 134 };
  return { type: "file", oid, size: bytes.length, path, ...(isLarge(path) && { lfs }) };
}

function sendFile(
  request: IncomingMessage,
  answer: ServerResponse,
  bytes: Uint8Array | undefined,
  trouble: Trouble | undefined,
): void {
  if (!bytes) {
    answer.writeHead(404).end();
    return;
  }
  if (trouble === "busy") {
    answer.writeHead(503).end();
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = Buffer.from(bytes.subarray(from));
  if (trouble === "corrupt") rest[rest.length >> 1] ^= 1;
  const length = trouble === "short" ? rest.length - 5 : rest.length;
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  answer.writeHead(from > 0 ? 206 : 200, {
    "content-length": length,
    ...(from > 0 && { "content-range": range }),
  });
  if (trouble === "break" || trouble === "stall") {
    answer.write(rest.subarray(0, rest.length >> 1), () => {
      // Late enough for a busy client to have read what came: bytes behind a reset are lost.
      if (trouble === "break") setTimeout(() => answer.destroy(), 200);
    });
  } else answer.end(rest.subarray(0, length));
}
