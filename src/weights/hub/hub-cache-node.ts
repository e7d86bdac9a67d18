import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { cacheHome, expandHome } from "../../files/cache-home-node.ts";
import { fileError } from "../../files/file-error.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { isCommit } from "./hub-reference.ts";

// Hugging Face's own layout (https://huggingface.co/docs/hub/local-cache), shared with its Python libraries:
//   models--OWNER--NAME/refs/REVISION                  the commit that a branch or tag meant
//   models--OWNER--NAME/blobs/CHECKSUM                 the bytes
//   models--OWNER--NAME/snapshots/COMMIT/PATH          links to the bytes

/** The folder of the cache: the one given, or what the environment says, or `~/.cache/huggingface/hub`. */
export function hubCacheFolder(cache: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const given = cache ?? (env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE);
  if (given) return expandHome(given);
  return join(expandHome(env.HF_HOME || join(cacheHome(env), "huggingface")), "hub");
}

/** One repository in the cache. */
export interface CachedRepository {
  /** Of the files' bytes. */
  readonly blobs: string;
  /** The commit that a revision meant when it was last requested. */
  commitOf(revision: string): Promise<string | undefined>;
  setCommit(revision: string, commit: string): Promise<void>;
  /** Where a file of a commit lies or will lie. */
  pathOf(commit: string, file: string): string;
  /** The files of a commit that are there. */
  filesOf(commit: string): Promise<string[]>;
  /** Puts a blob in its place in a commit. */
  place(blob: string, commit: string, file: string): Promise<string>;
}

/**
 * @param folder of the cache
 * @param repo `OWNER/NAME`, checked
 */
export function cachedRepository(folder: string, repo: string): CachedRepository {
  const root = join(folder, `models--${repo.replace("/", "--")}`);
  const pathOf = (commit: string, file: string) => join(root, "snapshots", commit, file);
  return {
    blobs: join(root, "blobs"),
    async commitOf(revision) {
      if (isCommit(revision)) return revision;
      const text = await readFile(join(root, "refs", revision), "utf8").catch(() => ""); // never requested
      return isCommit(text.trim()) ? text.trim() : undefined;
    },
    async setCommit(revision, commit) {
      if (revision === commit) return;
      const path = join(root, "refs", revision);
      await written(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomic(path, [commit]);
      });
    },
    pathOf,
    async filesOf(commit) {
      const snapshot = join(root, "snapshots", commit);
      const entries = await readdir(snapshot, { recursive: true }).catch(() => []); // nothing of this commit
      const files: string[] = [];
      for (const entry of entries) {
        const facts = await stat(join(snapshot, entry)).catch(() => undefined); // a link whose bytes were removed
        if (facts?.isFile()) files.push(entry.split(sep).join("/"));
      }
      return files;
    },
    async place(blob, commit, file) {
      const path = pathOf(commit, file);
      await written(path, () => link(blob, path));
      return path;
    },
  };
}

/** Links a file whole or not at all; copies it where the system has no links, or gives them to few. */
async function link(blob: string, path: string): Promise<void> {
  const target = relative(dirname(path), blob);
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await symlink(target, temporary, "file").catch(() =>
      copyFile(blob, temporary, constants.COPYFILE_FICLONE),
    );
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function written(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw fileError("write", path, error);
  }
}
