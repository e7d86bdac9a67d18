import type { TestContext } from "vitest";
import type { TrainEngine } from "../../src/train/engine/engine.ts";
import { requireOnednn } from "../../src/train/engine/open-onednn-node.ts";
import { needs } from "./needs.ts";

/** Skips a test of an engine that this machine lacks, and says so in the summary. */
export async function needsEngine(context: TestContext, engine: TrainEngine): Promise<void> {
  if (engine !== "onednn") return;
  const missing = await requireOnednn().catch((error: Error) => error);
  needs(context, "oneDNN", missing === undefined);
}
