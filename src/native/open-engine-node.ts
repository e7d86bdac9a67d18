import type { Dnnl } from "./binding/dnnl.ts";
import { openDnnl } from "./binding/open-node.ts";
import { findLibraries, type LibraryCandidate } from "./library/find-library-node.ts";
import { type Opened, openFirst } from "./library/open-first.ts";

/**
 * Opens the first oneDNN that works, of those that `SENET_ONEDNN` names, that `senet engine install` has installed, and that the system has.
 *
 * @throws SenetError for a library that the environment names and that cannot be used
 * @example
 * const { library } = await openEngine();
 * library?.version; // "2.6.3", or undefined where none is installed
 */
export async function openEngine(): Promise<Opened<Dnnl> & { readonly library?: Dnnl }> {
  return openFirst(await findLibraries(), openCandidate);
}

function openCandidate({ path, companions }: LibraryCandidate): Dnnl {
  return openDnnl(path, companions);
}
