import { reasonOf, SenetError } from "../../base/errors.ts";
import type { Dnnl } from "../../native/binding/dnnl.ts";
import { openEngine } from "../../native/open-engine-node.ts";

/**
 * Opens oneDNN.
 *
 * @throws SenetError `engine` where there is none, or none that can be used, with what to do
 */
export async function openOnednn(): Promise<Dnnl> {
  const { library, refused } = await openEngine();
  if (library !== undefined) return library;
  const [unusable] = refused;
  if (unusable !== undefined) throw new SenetError("engine", `${unusable.reason}.`);
  throw new SenetError(
    "engine",
    "oneDNN: expected its library, with which training takes about half the time, found none; install it with `senet engine install`.",
  );
}

/**
 * Checks that oneDNN is there where it is asked for, before anything is made for it.
 *
 * @throws SenetError `engine` with both ways out
 */
export async function requireOnednn(): Promise<void> {
  try {
    (await openOnednn()).dispose();
  } catch (cause) {
    throw new SenetError("engine", `${reasonOf(cause)}, or choose \`engine\` onnxruntime.`, { cause });
  }
}
