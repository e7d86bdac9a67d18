import { expect, it, vi } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { openEngine } from "../../native/open-engine-node.ts";
import { openOnednn, requireOnednn } from "./open-onednn-node.ts";

vi.mock("../../native/open-engine-node.ts");

const old = "/opt/libdnnl.so.2: expected oneDNN from version 2.6 to 3.x, found 2.2; install another";

function refuse(...reasons: readonly string[]): void {
  const refused = reasons.map((reason) => ({
    candidate: { path: "libdnnl.so.3", source: "system", companions: [] } as const,
    reason,
  }));
  vi.mocked(openEngine).mockResolvedValue({ candidate: undefined, refused });
}

it("says how to get what is nowhere, and, where it is asked for, what else there is", async () => {
  refuse();
  const sentence =
    "engine: oneDNN: expected its library, with which training takes about half the time, found none; install it with `senet engine install`";
  expect(await messageOf(openOnednn)).toBe(`${sentence}.`);
  expect(await messageOf(requireOnednn)).toBe(`${sentence}, or choose \`engine\` onnxruntime.`);
});

it("says what is wrong with one that is there", async () => {
  refuse(old, "another");
  expect(await messageOf(openOnednn)).toBe(`engine: ${old}.`);
});
