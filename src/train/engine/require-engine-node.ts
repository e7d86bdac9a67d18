import { reasonOf, SenetError } from "../../base/errors.ts";
import { checkOnednn } from "./check-onednn-node.ts";
import type { EngineChoice } from "./engine.ts";

/**
 * Refuses an engine that is not there, before anything is made for it.
 *
 * @throws SenetError `engine` with both ways out: install it, or choose the other
 */
export async function requireEngine(engine: EngineChoice): Promise<void> {
  if (engine !== "onednn") return;
  await checkOnednn().catch((cause) => {
    throw new SenetError("engine", `${reasonOf(cause)}, or choose \`engine\` onnxruntime.`, { cause });
  });
}
