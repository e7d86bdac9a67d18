/** The package as those have it who install it: packed, and unpacked in an empty folder with the program of `test/consumer/`. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const shell = process.platform === "win32"; // where npm is a script

/** Packs what is built (`npm pack`) and gives the path of the archive. */
export async function packPackage(folder: string): Promise<string> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: root, shell });
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** An empty folder, outside the project, with the program and a package.json of its own. */
export async function consumerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "senet-consumer-"));
  await cp(join(root, "test/consumer"), folder, { recursive: true });
  await mkdir(join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module" }));
  return folder;
}

/** Compiles the program in place, by the project's own compiler; rejects with what it prints. */
export async function compile(folder: string, config = "tsconfig.json"): Promise<void> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", join(folder, config)], { cwd: folder }).catch((error) => {
    throw new Error(error.stdout || error.message);
  });
}
