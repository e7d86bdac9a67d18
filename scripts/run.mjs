#!/usr/bin/env node
/**
 * `node scripts/run.mjs start|test|bench|build [arguments]`: sets the project up if it is not (install, build), then does what
 * was asked, with the arguments passed on. Plain Node without dependencies, as nothing may be installed yet.
 * All talk of setting up goes to stderr.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = (...parts) => join(root, ...parts);
const bin = (name, file) => path("node_modules", name, file);

const tools = {
  tsc: bin("typescript", "bin/tsc"),
  biome: bin("@biomejs/biome", "bin/biome"),
  depcruise: bin("dependency-cruiser", "bin/dependency-cruise.mjs"),
  vitest: bin("vitest", "vitest.mjs"),
};

const tasks = {
  /** The quickstart. */
  async start(args) {
    await build();
    return node([path("dist/cli/main.js"), "quickstart", ...args]);
  },
  async build() {
    await build();
    return 0;
  },
  test,
  async bench(args) {
    await build();
    return node(["--import", "tsx", path("bench/main.ts"), ...args]);
  },
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? "")) {
  console.error(`run.mjs: expected ${Object.keys(tasks).join(", ")}, found ${task ?? "nothing"}.`);
  process.exit(2);
}
try {
  await install();
  process.exitCode = await tasks[task](args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Lint, walls, types and tests; each of the first three counts as one. All are run, whichever fails. */
async function test(args) {
  const checks = [
    ["lint", [tools.biome, "check", root]],
    ["walls", [tools.depcruise, "--config", path(".dependency-cruiser.mjs"), path("src")]],
    ["types", [tools.tsc, "--noEmit", "-p", path("tsconfig.json")]],
  ];
  let passed = 0;
  let failed = 0;
  for (const [name, command] of checks) {
    const ok = (await node(command)) === 0;
    console.log(`${name}: ${ok ? "passed" : "failed"}`);
    if (ok) passed++;
    else failed++;
  }
  await build();
  const folder = mkdtempSync(join(tmpdir(), "senet-test-"));
  try {
    const file = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const status = await node([tools.vitest, "run", "--root", root, ...reporters, ...args]);
    const results = readJson(file) ?? {};
    passed += results.numPassedTests ?? 0;
    // A file that does not even load has no failed test, but has failed.
    const unloaded = (results.testResults ?? []).filter(
      ({ status: outcome, assertionResults }) => outcome === "failed" && assertionResults.length === 0,
    );
    const broken = (results.numFailedTests ?? 0) + unloaded.length;
    failed += broken === 0 && status !== 0 ? 1 : broken;
    for (const line of skippedTests(results)) console.log(line);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** How many tests were skipped, and for want of what (test/support/needs.ts); none is skipped silently. */
function skippedTests({ testResults = [] }) {
  const skipped = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== "passed" && status !== "failed");
  const reasons = new Map();
  for (const { meta } of skipped) {
    const reason = meta.missing ? `without ${meta.missing}` : "not selected";
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`);
  return skipped.length === 0 ? [] : [`${skipped.length} skipped: ${parts.join(", ")}`];
}

/** Installs what package-lock.json says, unless exactly that is installed. */
async function install() {
  if (isInstalled()) return;
  // npm is a script of its own on Windows, where only a shell finds it.
  const npm = ["npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]];
  await quietly("installing dependencies (npm ci)", ...npm, process.platform === "win32");
}

/** npm keeps a record of what it installed; packages for other systems are not in it. */
function isInstalled() {
  const wanted = readJson(path("package-lock.json"))?.packages;
  const found = readJson(path("node_modules", ".package-lock.json"))?.packages;
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([name, { version, integrity, optional }]) => {
    if (name === "") return true;
    const entry = found[name];
    return entry ? entry.version === version && entry.integrity === integrity : optional === true;
  });
}

/**
 * Compiles `src/` to `dist/` when it is not what `dist/` was made from. The new folder takes the old one's place in one
 * go, so that a command that starts meanwhile, or another build, meets a whole one.
 */
async function build() {
  const sources = hashOf(["src", "tsconfig.json", "tsconfig.build.json", "package-lock.json"]);
  const isBuilt = () => readText(path("dist", ".sources")) === sources;
  linkCommand();
  if (isBuilt()) return;
  const fresh = path(`.dist-${process.pid}`);
  try {
    const command = [tools.tsc, "-p", path("tsconfig.build.json"), "--outDir", fresh];
    await quietly("building", process.execPath, command);
    chmodSync(join(fresh, "cli/main.js"), 0o755);
    writeFileSync(join(fresh, ".sources"), sources);
    if (isBuilt()) return;
    const old = path(`.dist-${process.pid}-old`);
    if (existsSync(path("dist"))) renameSync(path("dist"), old);
    renameSync(fresh, path("dist"));
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** npm links the commands of dependencies, not the package's own: with this, `npx senet` works in a clone as well. */
function linkCommand() {
  const link = path("node_modules/.bin/senet");
  if (process.platform === "win32" || existsSync(link)) return;
  rmSync(link, { force: true }); // one that points nowhere
  symlinkSync("../../dist/cli/main.js", link);
}

/** Of the names and contents of everything in some files and folders. */
function hashOf(names) {
  const hash = createHash("sha256");
  for (const name of names) {
    const isFile = /\.\w+$/.test(name);
    const files = isFile
      ? [name]
      : readdirSync(path(name), { recursive: true }).map((file) => join(name, file));
    for (const file of files.sort()) {
      if (!/\.(ts|json)$/.test(file) || file.endsWith(".test.ts")) continue;
      hash
        .update(`${file}\0`)
        .update(readFileSync(path(file)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** Runs Node with the terminal passed on; resolves to its exit code. */
function node(args) {
  return run(process.execPath, args, "inherit").then(({ status }) => status);
}

/** Runs something with one line of progress; its output is shown only when it fails. */
async function quietly(what, command, args, shell = false) {
  const started = performance.now();
  process.stderr.write(`${what} … `);
  const { status, output } = await run(command, args, "pipe", shell);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stderr.write(status === 0 ? `done (${seconds} s)\n` : "failed\n");
  if (status !== 0) throw new Error(`${firstLines(output)}\n${what}: failed with exit code ${status}.`);
}

/** Tools say first what is wrong; npm then goes on with a manual. */
function firstLines(output, most = 40) {
  const lines = output.trim().split("\n");
  const manual = lines.findIndex((line) => /^npm error (Usage:|Clean install)/.test(line));
  return lines.slice(0, Math.min(most, manual < 0 ? most : manual)).join("\n");
}

function run(command, args, stdio, shell = false) {
  return new Promise((resolve, reject) => {
    const out = stdio === "pipe" ? ["ignore", "pipe", "pipe"] : "inherit";
    const child = spawn(command, args, { cwd: stdio === "pipe" ? root : process.cwd(), stdio: out, shell });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output += chunk;
      });
    }
    // A terminal sends Ctrl-C to the child as well, which decides how to end; this process waits for it.
    const wait = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", wait).on("SIGTERM", pass);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      process.off("SIGINT", wait).off("SIGTERM", pass);
      resolve({ status: status ?? (signal === "SIGINT" ? 130 : 1), output });
    });
  });
}

function readJson(file) {
  const text = readText(file);
  return text === undefined ? undefined : JSON.parse(text);
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
