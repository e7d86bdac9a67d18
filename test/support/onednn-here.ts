import { openEngine } from "../../src/native/open-engine-node.ts";

/** Whether this machine has a oneDNN that can be used; for `needs(context, "oneDNN's library", await oneDnnHere())`. */
export async function oneDnnHere(): Promise<boolean> {
  const opened = await openEngine().catch(() => undefined); // SENET_ONEDNN names another library
  opened?.library?.dispose();
  return opened?.library !== undefined;
}
