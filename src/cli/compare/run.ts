import { usageError } from "../../base/errors.ts";
import { longName, type Run } from "../shared/define-command.ts";
import { kindOfArgument } from "../shared/load-model.ts";
import type { CompareFlags, command } from "./command.ts";

/** `senet compare RUN RUN …`, `senet compare MODEL|FILE.onnx …`. */
export const run: Run<typeof command> = async ([names], flags) => {
  if (names.length < 2) {
    throw usageError("senet compare: expected two or more runs or networks, found one; name another.");
  }
  if ((await kindOfAll(names)) === "model") {
    refuse(flags, ["report", "threads"], "runs", "networks");
    const { compareModels } = await import("./compare-models.ts");
    await compareModels(names, flags);
  } else {
    refuse(flags, ["size", "classes"], "networks", "runs");
    const { compareRuns } = await import("./compare-runs.ts");
    await compareRuns(names, flags);
  }
};

/**
 * What all arguments are. A file or a known name is a network, another folder a run; what is neither is taken for what the others are.
 *
 * @throws SenetError `usage` when some are runs and others networks
 */
async function kindOfAll(names: readonly string[]): Promise<"run" | "model"> {
  const found = await Promise.all(names.map(kindOfArgument));
  const kinds = found.map((kind) => (kind === "folder" ? "run" : kind && "model"));
  const [run, model] = [kinds.indexOf("run"), kinds.indexOf("model")];
  if (run >= 0 && model >= 0) {
    throw usageError(
      `senet compare: expected runs only or networks only, found the run ${names[run]} and the network ${names[model]}; of a run, give its model.onnx.`,
    );
  }
  if (run < 0 && model < 0) return names.some((name) => /[\\/]/.test(name)) ? "run" : "model";
  return run >= 0 ? "run" : "model";
}

/** Refuses options that would do nothing. */
function refuse(
  flags: CompareFlags,
  options: readonly (keyof CompareFlags)[],
  worksFor: string,
  found: string,
): void {
  const given = options.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw usageError(`${longName(given)} works for ${worksFor}, found ${found}; leave it out.`);
}
