import type { TestContext } from "vitest";
import type { TrainEngine } from "../../src/train/engine/engine.ts";
import { needs } from "./needs.ts";
import { oneDnnHere } from "./onednn-here.ts";

/** Skips a test of an engine that this machine lacks, and says so in the summary. */
export async function needsEngine(context: TestContext, engine: TrainEngine): Promise<void> {
  if (engine === "onednn") needs(context, "oneDNN's library", await oneDnnHere());
}
