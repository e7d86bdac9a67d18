import { execFileSync } from "node:child_process";

/** Mounts a tmpfs of `kibibytes` at `path`; false where that is not allowed (not root, not Linux). */
export function mountTinyDisk(path: string, kibibytes: number): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
