import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { crc32 } from "../../src/files/archives/crc32.ts";

/** conda's names of the platforms that the tests run on. */
const subdirs: Readonly<Record<string, string>> = {
  "linux-x64": "linux-64",
  "linux-arm64": "linux-aarch64",
  "darwin-x64": "osx-64",
  "darwin-arm64": "osx-arm64",
};
export const subdir = subdirs[`${process.platform}-${process.arch}`] ?? "linux-64";

/** What goes wrong with the next transfers. */
export type CondaTrouble = "break" | "corrupt" | "short" | "missing" | "busy" | "stall" | "die";

/** A server that answers as anaconda.org does, as far as releases, checksums and downloads go. */
export interface CondaServer {
  readonly address: string;
  /** Paths of every request so far. */
  readonly requests: string[];
  /** One for each transfer of a package to come; then all goes well. */
  readonly troubles: CondaTrouble[];
  close(): void;
}

/** A package in conda's format with these files; a text that begins with `->` is a link. */
export function condaPackage(name: string, files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "senet-conda-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, "root", path)), { recursive: true });
      if (typeof content === "string" && content.startsWith("->"))
        symlinkSync(content.slice(2), join(folder, "root", path));
      else writeFileSync(join(folder, "root", path), content);
    }
    const names = readdirSync(join(folder, "root"));
    execFileSync("tar", ["-cf", join(folder, "pkg.tar"), "-C", join(folder, "root"), ...names]);
    const packed = zstdFrame(readFileSync(join(folder, "pkg.tar")));
    return storedZip({
      "metadata.json": Buffer.from('{"conda_pkg_format_version": 2}'),
      [`pkg-${name}.tar.zst`]: packed,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A zstd frame of raw blocks (RFC 8878, sections 3.1.1.1 and 3.1.1.2): nothing in Node 20 compresses. */
export function zstdFrame(bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32LE(0xfd2fb528, 0);
  header[4] = 0b1110_0000; // one segment, its length in 8 bytes
  header.writeBigUInt64LE(BigInt(bytes.length), 5);
  const parts: Uint8Array[] = [header];
  const BLOCK = 2 ** 17;
  for (let at = 0; at < bytes.length || at === 0; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const isLast = at + BLOCK >= bytes.length;
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.length << 3) | (isLast ? 1 : 0), 0, 3);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

/** A zip archive whose members are not compressed, as conda's are. */
export function storedZip(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, Buffer.from(name), bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), facts, place, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/**
 * Serves packages by `NAME/VERSION/FILE.conda`.
 *
 * @param lie a checksum that is given in place of the right ones
 */
export async function startCondaServer(
  packages: Readonly<Record<string, Uint8Array>>,
  lie?: string,
): Promise<CondaServer> {
  const requests: string[] = [];
  const troubles: CondaTrouble[] = [];
  const server = createServer((request, answer) => {
    const url = request.url ?? "";
    requests.push(url.slice(1) + (request.headers.range ? ` ${request.headers.range}` : ""));
    const [, verb, path] = /^\/(\w+)\/conda-forge\/(.+)$/.exec(url) ?? [];
    const plain = path?.replace(`${subdir}/`, "") ?? "";
    const bytes = packages[plain];
    if (verb === "release") {
      const files = Object.entries(packages).filter(([name]) => name.startsWith(`${plain}/`));
      if (files.length === 0) answer.writeHead(404).end("{}");
      else
        answer.end(
          JSON.stringify({ distributions: files.map(([name, file]) => listed(basename(name), file)) }),
        );
    } else if (verb === "dist" && bytes) {
      answer.end(JSON.stringify({ sha256: lie ?? createHash("sha256").update(bytes).digest("hex") }));
    } else if (verb === "download" && bytes) {
      send(Buffer.from(bytes), request.headers.range, answer, troubles.shift(), server);
    } else answer.writeHead(404).end("{}");
  }).listen(0, "127.0.0.1");
  if (!server.listening) await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    troubles,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function listed(file: string, bytes: Uint8Array) {
  const [, build, number] = /-(\w+_(\d+))\.conda$/.exec(file) ?? [];
  return {
    basename: `${subdir}/${file}`,
    size: bytes.length,
    attrs: { subdir, build, build_number: Number(number), depends: [] },
    labels: ["main"],
  };
}

function send(
  bytes: Buffer,
  range: string | undefined,
  answer: ServerResponse,
  trouble: CondaTrouble | undefined,
  server: Server,
): void {
  if (trouble === "missing" || trouble === "busy") {
    answer.writeHead(trouble === "busy" ? 503 : 404).end();
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const rest = Buffer.from(bytes.subarray(from));
  if (trouble === "corrupt") rest[rest.length >> 1] ^= 1;
  const length = trouble === "short" ? rest.length - 5 : rest.length;
  answer.writeHead(from > 0 ? 206 : 200, {
    "content-length": length,
    ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (trouble !== "break" && trouble !== "stall" && trouble !== "die") {
    answer.end(rest.subarray(0, length));
    return;
  }
  answer.write(rest.subarray(0, rest.length >> 1), () => {
    if (trouble === "stall") return;
    if (trouble === "die") server.close();
    // Late enough for a busy client to have read what came: bytes behind a reset are lost.
    setTimeout(() => (trouble === "die" ? server.closeAllConnections() : answer.destroy()), 200);
  });
}
