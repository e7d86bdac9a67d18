import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { messageOf, temporaryFolder } from "../../../test/support/data-fixtures.ts";
import { type HubServer, startHubServer } from "../../../test/support/hub-server.ts";
import { parametersOf, statesOf } from "../../ir/graph.ts";
import { createModel } from "../../models/create-model.ts";
import { readDescription } from "../../models/describe-model.ts";
import { createPretrained } from "../create-pretrained-node.ts";
import { encodeSafetensors } from "../formats/safetensors.ts";
import { resolveWeights } from "./hub-node.ts";

const REPO = "timm/seresnet8.test";
const graph = createModel("seresnet8", { seed: 9, classes: 5 });
const weights = Buffer.concat(
  encodeSafetensors(
    new Map(
      [...parametersOf(graph), ...statesOf(graph)].flatMap(({ name = "", tensor }) =>
        tensor ? [[name, tensor] as const] : [],
      ),
    ),
  ),
);
const config = {
  architecture: "seresnet8",
  num_classes: 5,
  pretrained_cfg: {
    input_size: [3, 32, 32],
    mean: [0.1, 0.2, 0.3],
    std: [0.4, 0.5, 0.6],
    interpolation: "bicubic",
    crop_pct: 0.9,
    num_classes: 5,
  },
};
const files = { "model.safetensors": weights, "config.json": Buffer.from(JSON.stringify(config)) };

let folder: ReturnType<typeof temporaryFolder>;
let server: HubServer;
const quick = () => ({ cache: folder.path, endpoint: server.address, stallMs: 300, retryMs: 1 });
const resolve = (reference = `hf:${REPO}`, options = {}) =>
  resolveWeights(reference, { ...quick(), ...options });

beforeEach(async () => {
  folder = temporaryFolder();
  server = await startHubServer(REPO, files);
});
afterEach(() => {
  server.close();
  folder.remove();
});

/** Everything in the cache that holds bytes. */
function blobs(): string[] {
  return readdirSync(join(folder.path, `models--${REPO.replace("/", "--")}`, "blobs"));
}

test("fetches the right bytes, and not again", async () => {
  const found = await resolve();
  expect(found).toMatchObject({ repo: REPO, revision: server.commit, file: "model.safetensors" });
  expect(readFileSync(found.path).equals(weights)).toBe(true);
  const fetched = server.requests.filter((path) => path.startsWith("store")).length;
  expect(fetched).toBe(1);
  expect((await resolve()).path).toBe(found.path);
  expect(server.requests.filter((path) => path.startsWith("store"))).toHaveLength(fetched);
});

test.each(["break", "stall"] as const)("after a %s only the rest is asked for", async (trouble) => {
  server.troubles.push(trouble);
  const { path } = await resolve();
  expect(readFileSync(path).equals(weights)).toBe(true);
  const half = weights.length >> 1;
  expect(server.requests.filter((request) => request.startsWith("store"))).toEqual([
    "store model.safetensors",
    `store model.safetensors bytes=${half}-`,
  ]);
});

test("of a commit that has come in part, the rest is fetched", async () => {
  const reference = `hf:${REPO}@${server.commit}`;
  const { path } = await resolve(reference);
  rmSync(path);
  expect(await resolve(reference)).toMatchObject({ path, file: "model.safetensors" });
  expect(readFileSync(path).equals(weights)).toBe(true);
});

test("the next call continues an interrupted download", async () => {
  const stop = new AbortController();
  server.troubles.push("stall");
  const onProgress = ({ done, what }: { done: number; what: string }) => {
    if (what === "model.safetensors" && done > 0) stop.abort();
  };
  await expect(resolve(undefined, { signal: stop.signal, onProgress })).rejects.toThrow();
  expect(blobs().some((name) => name.endsWith(".incomplete"))).toBe(true);
  const { path } = await resolve();
  expect(readFileSync(path).equals(weights)).toBe(true);
  expect(server.requests.at(-1)).toMatch(/^store model\.safetensors bytes=[1-9]\d*-$/);
  expect(blobs().some((name) => name.endsWith(".incomplete"))).toBe(false);
});

test.each(["corrupt", "short"] as const)("%s bytes are never taken", async (trouble) => {
  server.troubles.push(trouble);
  expect(readFileSync((await resolve()).path).equals(weights)).toBe(true);

  folder.remove();
  server.troubles.push(...Array.from({ length: 12 }, () => trouble));
  const message = await messageOf(() => resolve());
  expect(message).toMatch(
    /^file: hf:timm\/seresnet8\.test\/model\.safetensors: expected \d+ bytes with SHA-256 [0-9a-f]{12}…, found .+, twice; nothing was kept/,
  );
  expect(blobs().filter((name) => name.length === 64)).toEqual([]);
});

test("a busy server is asked again; redirects in a circle end", async () => {
  server.troubles.push("busy", "busy");
  expect(readFileSync((await resolve()).path).equals(weights)).toBe(true);
  folder.remove();
  server.troubles.push("circle");
  expect(await messageOf(() => resolve())).toBe(
    `file: hf:${REPO}/config.json: expected at most 10 redirects, found more; report it to the owner of ${server.address}.`,
  );
});

test("offline, only the cache is used", async () => {
  expect(await messageOf(() => resolve(undefined, { offline: true }), folder.path)).toBe(
    `file: hf:${REPO}: expected the repository in the cache DIR, as nothing is downloaded offline, found nothing of its revision main; run once without \`offline\` and HF_HUB_OFFLINE.`,
  );
  const { path } = await resolve();
  server.close();
  expect((await resolve(undefined, { offline: true })).path).toBe(path);
  const lost = await messageOf(() => resolve());
  expect(lost).toMatch(
    /: expected an answer from http:\/\/127\.0\.0\.1:\d+, found none \(.+\); check the network and try again, or work offline if it is in the cache\.$/,
  );
});

test("the token goes to the hub and to no other host", async () => {
  server.close();
  server = await startHubServer(REPO, files, { token: "hf_secret" });
  expect(await messageOf(() => resolve())).toMatch(new RegExp(`^file: hf:${REPO}`));
  await resolve(undefined, { token: "hf_secret" });
  expect(server.tokensAtStore).toEqual([undefined]);
});

test("what is no reference, and what is not there, is said", async () => {
  expect(await messageOf(() => resolve("hf:nothing"))).toMatch(/^usage: .*hf:nothing/);
  expect(await messageOf(() => resolve("hf:timm/other"))).toMatch(/^file: hf:timm\/other: /);
  expect(await messageOf(() => resolve(`hf:${REPO}/../../etc/passwd`))).toMatch(/^usage: /);
  expect(await messageOf(() => resolve(`hf:${REPO}/none.safetensors`))).toBe(
    `file: hf:${REPO}/none.safetensors: expected the file none.safetensors at commit ${server.commit.slice(0, 12)}, found none of this name; check the path.`,
  );
});

test("a network of the hub has its weights and its way to prepare images", async () => {
  const made = await createPretrained("seresnet8", `hf:${REPO}`, quick());
  expect(made.outputs[0].value.shape).toEqual(["N", 5]);
  expect(parametersOf(made).map(({ tensor }) => tensor?.data)).toEqual(
    parametersOf(graph).map(({ tensor }) => tensor?.data),
  );
  expect(readDescription(made)).toMatchObject({
    mean: [0.1, 0.2, 0.3],
    interpolation: "bicubic",
    cropFraction: 0.9,
  });
  const other = () => createPretrained("seresnet8", `hf:${REPO}`, { classes: 3, ...quick() });
  expect(await messageOf(other)).toMatch(/^checkpoint: .*expected a classifier of 3 classes/);
  const fresh = await createPretrained("seresnet8", `hf:${REPO}`, {
    classes: 3,
    resetHead: true,
    ...quick(),
  });
  expect(fresh.outputs[0].value.shape).toEqual(["N", 3]);
  const local = join(folder.path, "weights.safetensors");
  writeFileSync(local, weights);
  const fromFile = await createPretrained("seresnet8", local, { classes: 5 });
  expect(fromFile.outputs[0].value.shape).toEqual(["N", 5]);
});
