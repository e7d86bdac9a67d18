/**
 * `npm run check-node [VERSION…]`: packs the package, installs it in an empty folder, and there runs the program of `test/consumer/` and
 * `senet --version` under each version of Node (default: the oldest that package.json allows, 20, 22, 24). The registry's package `node`
 * brings the binaries, so this needs the network.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile, consumerFolder, packPackage } from "../test/support/consumer.ts";

const { version, engines, devDependencies } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);
const oldest = `${engines.node.replace(/^>=/, "")}.0`;
const versions = process.argv.length > 2 ? process.argv.slice(2) : [oldest, "20", "22", "24"];

const folder = await consumerFolder();
// The engine's install script would download CUDA files.
const env = { ...process.env, npm_config_loglevel: "error", npm_config_onnxruntime_node_install: "skip" };
const npm = (...args: string[]) =>
  execFileSync("npm", args, { cwd: folder, encoding: "utf8", env, shell: process.platform === "win32" });
try {
  const archive = await packPackage(folder);
  const types = `@types/node@${devDependencies["@types/node"]}`;
  npm("install", "--no-audit", "--no-fund", archive, types);
  await compile(folder);
  for (const wanted of versions) {
    const node = (...args: string[]) =>
      npm("exec", "--yes", `--package=node@${wanted}`, "--", "node", ...args);
    const found = node("--version").trim();
    expectSame(
      `senet --version on Node ${found}`,
      node(join("node_modules", "senet", "dist/cli/main.js"), "--version"),
      version,
    );
    expectSame(`the program on Node ${found}`, node("program.js"), "done");
    console.log(`Node ${found}: passed`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function expectSame(what: string, found: string, expected: string): void {
  if (found.trim() === expected) return;
  throw new Error(`${what}: expected ${expected}, found ${found}`);
}
