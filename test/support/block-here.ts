import type { TestContext } from "vitest";
import { probeBlock } from "../../src/runtime/probe-block-node.ts";

/** Channels in a block of this machine's engine; a test that needs them is skipped where it has none. */
export async function blockHere({ skip }: TestContext): Promise<number> {
  return (await probeBlock()) ?? skip("this engine has no operators on blocks");
}
