import { homedir } from "node:os";
import { join } from "node:path";

/** The user's folder for what programs can fetch again: `XDG_CACHE_HOME`, or `~/.cache`. */
export function cacheHome(env: NodeJS.ProcessEnv = process.env): string {
  return expandHome(env.XDG_CACHE_HOME || join(homedir(), ".cache"));
}

/** A path whose `~` is the user's folder. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
