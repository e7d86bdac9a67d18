import { defined } from "../../base/defined.ts";
import { usageError } from "../../base/errors.ts";
import { megabytes } from "../../base/format.ts";
import { loadKoffi } from "../../native/binding/foreign-node.ts";
import { installLibrary } from "../../native/library/install-library-node.ts";
import type { InstallOptions } from "../../native/library/install-options.ts";
import type { Run } from "../shared/define-command.ts";
import { catchInterrupt } from "../shared/interrupt.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress } from "../shared/progress.ts";
import type { command } from "./command.ts";
import { describeEngine } from "./describe-engine.ts";
import { engineState } from "./engine-state.ts";
import { probeLibrary } from "./probe-library.ts";

/** How often progress is shown: bytes come irregularly, and unpacking takes a while. */
const SHOW_MS = 200;

/** `senet engine`. */
export const run: Run<typeof command> = async ([action], { from, baseUrl, json }) => {
  if (action !== undefined && action !== "install") {
    throw usageError(`senet engine: expected the word install or nothing, found "${action}"; correct it.`);
  }
  if (action === undefined && (from ?? baseUrl) !== undefined) {
    throw usageError(
      "--from: expected `senet engine install`, found no install; add it, or leave --from out.",
    );
  }
  if (action === "install" && !(await install(defined({ from, baseUrl })))) return;
  const state = await engineState();
  if (json) printJson(state);
  else printText(describeEngine(state));
};

/** @returns whether it was installed; not when it was interrupted */
async function install(options: InstallOptions): Promise<boolean> {
  loadKoffi(); // without which a library is of no use
  using progress = createProgress();
  using interrupt = catchInterrupt(() => progress.end());
  const { signal } = interrupt;
  let doing = "looking for a package of oneDNN";
  const onProgress: InstallOptions["onProgress"] = ({ what, done, total }) => {
    doing = `downloading ${what}: ${megabytes(done)}${total > 0 ? ` of ${megabytes(total)}` : ""}`;
  };
  const timer = setInterval(() => progress.update(() => doing), SHOW_MS);
  try {
    await installLibrary({ ...options, signal, onProgress, check: probeLibrary });
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.line("interrupted; nothing was installed");
    process.exitCode = interrupt.exitCode;
    return false;
  } finally {
    clearInterval(timer);
  }
}
