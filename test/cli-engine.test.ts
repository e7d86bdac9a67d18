import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildCli, type OnOutput, type Outcome, senet } from "./support/cli.ts";
import { type CondaServer, condaPackage, startCondaServer } from "./support/conda-server.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";
import { needs } from "./support/needs.ts";
import { oneDnnHere } from "./support/onednn-here.ts";

/** `senet engine` in processes of its own, with a cache of its own. */
let home: ReturnType<typeof temporaryFolder>;
let server: CondaServer | undefined;
let isHere: boolean;

beforeAll(async () => {
  buildCli();
  isHere = await oneDnnHere();
}, 180_000);
beforeEach(() => {
  home = temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", join(home.path, "cache"));
  vi.stubEnv("SENET_ONEDNN", "");
});
afterEach(() => {
  server?.close();
  home.remove();
  vi.unstubAllEnvs();
});

const engine = (args: readonly string[] = [], onOutput?: OnOutput): Promise<Outcome> =>
  senet(home.path, ["engine", ...args], onOutput);

describe("senet engine", () => {
  test("says what training uses", async (context) => {
    needs(context, "oneDNN's library", isHere);
    const { status, stdout, stderr } = await engine();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^Training runs on oneDNN [23]\.\d+\.\d+\.\n {2}library {2}.+\n {2}kernels {2}\w+; convolutions .+\n {2}threads {2}\d+, one per core\n {2}koffi {4}[\d.]+\n$/,
    );
    const { library, threads } = JSON.parse((await engine(["--json"])).stdout);
    expect(library).toMatchObject({ version: expect.any(String), isa: expect.any(String) });
    expect(library.kernels.length).toBeGreaterThan(0);
    expect(threads).toBeGreaterThan(0);
  });

  test.each([
    [["install", "all"], "senet engine: expected 1 argument, found 2; see --help.\n"],
    [["remove"], 'senet engine: expected the word install or nothing, found "remove"; correct it.\n'],
    [
      ["--from", "apt"],
      "--from: expected `senet engine install`, found no install; add it, or leave --from out.\n",
    ],
    [["install", "--from", "pip"], '--from: expected apt or conda-forge, found "pip"'],
  ])("refuses %j", async (args, sentence) => {
    const { status, stdout, stderr } = await engine(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });
});

describe("SENET_ONEDNN", () => {
  async function refused(path: string): Promise<string> {
    vi.stubEnv("SENET_ONEDNN", path);
    const { status, stdout, stderr } = await engine();
    expect({ status, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({
      status: 1,
      stdout: "",
      lines: 1,
    });
    return stderr.replaceAll(home.path, "DIR");
  }

  test("refused in one sentence: nothing, a folder, another file, another library", async (context) => {
    home.write({ "text.so": "no library\n" });
    expect(await refused(join(home.path, "none.so"))).toBe(
      "senet: SENET_ONEDNN: expected the path of oneDNN's library, found nothing at DIR/none.so; correct it, or unset it to use what is installed.\n",
    );
    expect(await refused(home.path)).toContain("found no file at DIR;");
    expect(await refused(join(home.path, "text.so"))).toMatch(
      /^senet: DIR\/text\.so: expected oneDNN's library, found something else \(.+\); install oneDNN \(`senet engine install`\), or name another file in SENET_ONEDNN\.\n$/,
    );
    const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
    const other = sharedObjects.find((path) => /\/libm\b/.test(path));
    needs(context, "a library of the system", other !== undefined);
    expect(await refused(other as string)).toMatch(/found something else \(.*dnnl_version.*\); install/);
  });

  test("refused in one sentence: a version that is not known, one without its functions, one that crashes", async (context) => {
    needs(context, "a C compiler (cc)", hasCompiler());
    const versioned = (version: string) =>
      `static int v[6] = {${version}}; const void *dnnl_version(void) { return v; }`;
    const crash = "__attribute__((constructor)) static void f(void) { *(volatile int *)0 = 1; }";
    expect(await refused(compiled("v1", versioned("1,8,0")))).toBe(
      "senet: DIR/v1.so: expected oneDNN from version 2.6 to 3.x, found 1.8.0; install another (`senet engine install`).\n",
    );
    expect(await refused(compiled("v4", versioned("4,0,0")))).toContain("found 4.0.0;");
    expect(await refused(compiled("v2", versioned("2,6,3")))).toMatch(
      /found something else \(.*dnnl_.*\); install/,
    );
    expect(await refused(compiled("v3", versioned("3,7,2")))).toMatch(
      /found something else \(.*dnnl_.*\); install/,
    );
    expect(await refused(compiled("crash", crash))).toMatch(
      /^senet: DIR\/crash\.so: expected oneDNN's library, found a file that ends the process that loads it \(SIG\w+\); it is damaged/,
    );
  });

  test("refused in one sentence: a library that is cut short", async (context) => {
    const library = systemLibrary();
    needs(context, "oneDNN's library", library !== undefined);
    const bytes = readFileSync(library as string);
    const cut = join(home.path, "cut.so");
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    expect(await refused(cut)).toMatch(/^senet: DIR\/cut\.so: expected oneDNN's library, found /);
  });

  function compiled(name: string, source: string): string {
    const path = join(home.path, `${name}.so`);
    writeFileSync(join(home.path, `${name}.c`), source);
    execFileSync("cc", ["-shared", "-fPIC", "-o", path, join(home.path, `${name}.c`)]);
    return path;
  }
});

describe("senet engine install", () => {
  test("installs what can be opened, and uses it from then on", async (context) => {
    const library = systemLibrary();
    needs(context, "oneDNN's library", library !== undefined);
    server = await startCondaServer(packagesWith(readFileSync(library as string)));
    const { status, stdout } = await engine([
      "install",
      "--from",
      "conda-forge",
      "--base-url",
      server.address,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /library {2}\S+\/cache\/senet\/onednn\/\S+ \(onednn 3\.7\.2 omp_h0_0 of conda-forge\)\n/,
    );
    expect((await engine()).stdout).toBe(stdout);
  });

  test("leaves nothing behind of what cannot be opened, or does not come", async (context) => {
    needs(context, "Linux", process.platform === "linux");
    server = await startCondaServer(packagesWith(Buffer.from("no library")));
    const args = ["install", "--from", "conda-forge", "--base-url", server.address];
    expect(await engine(args)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^senet: onednn 3\.7\.2 omp_h0_0 of conda-forge: expected oneDNN's library, found something else \(.+\); nothing was installed, take it from elsewhere \(--from\) or install oneDNN by other means\.\n$/,
      ),
    });
    server.troubles.push("missing");
    expect(await engine(args)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^senet: conda-forge's \S+: expected \S+ to have it, found status 404; .+\n$/,
      ),
    });
    expect(installed()).toEqual([]);
  });

  test("Ctrl-C ends it, with nothing installed", async (context) => {
    needs(context, "Linux", process.platform === "linux");
    server = await startCondaServer(packagesWith(Buffer.alloc(1_000_000)));
    server.troubles.push("stall");
    const outcome = await engine(["install", "--from", "conda-forge", "--base-url", server.address], {
      text: "downloading",
      action: "interrupt",
    });
    expect(outcome.status).toBe(130);
    expect(outcome.stderr).toMatch(/^downloading .+\ninterrupted; nothing was installed\n$/);
    expect(installed()).toEqual([]);
  });

  function installed(): string[] {
    const cache = join(home.path, "cache/senet/onednn", `${process.platform}-${process.arch}`);
    return existsSync(cache) ? readdirSync(cache) : [];
  }
});

function packagesWith(library: Uint8Array): Record<string, Uint8Array> {
  const openmp = condaPackage("openmp", { "lib/libgomp.so.1.0.0": "OpenMP" });
  return {
    "onednn/3.7.2/onednn-3.7.2-omp_h0_0.conda": condaPackage("onednn", { "lib/libdnnl.so.3.7": library }),
    "libgomp/14.2.0/libgomp-14.2.0-h0_0.conda": openmp,
  };
}

function hasCompiler(): boolean {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return process.platform !== "win32";
  } catch {
    return false;
  }
}

/** The file of oneDNN that a distribution's package has installed. */
function systemLibrary(): string | undefined {
  const folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
  const paths = folders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const found = isHere ? paths.find((path) => /\/libdnnl\.so\.[23]/.test(path)) : undefined;
  return found && realpathSync(found);
}
