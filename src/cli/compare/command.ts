import { Command, type Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import type { CompareFlags } from "../shared/flags.ts";
import { kindOfArgument, modelOptions } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";

export function compareCommand(): Command {
  const command = new Command("compare")
    .summary("compare runs by accuracy, size and time, or networks by what they cost")
    .description(
      "Runs: one table of test accuracy, parameters, MACs, and the times of a training step and of inference, measured now by alternating the runs. Networks, by name or from files: parameters, MACs, FLOPs, bytes moved, memory and the share of SE blocks, and where the differences arise. Differences are against the first.",
    )
    .argument(
      "<runs|models...>",
      "two or more folders that `senet train` made (./NAME where a network has that name), or model names and .onnx files",
    );
  const options = [
    only(
      "runs",
      option("--report <file.html>", "also write a self-contained report with the learning curves"),
    ),
    only("runs", threadsOption()),
    ...modelOptions().map((one) => only("networks", one)),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (names: string[], flags: CompareFlags) => {
    if (names.length < 2) {
      throw new SenetError(
        "usage",
        "senet compare: expected two or more runs or networks, found one; name another.",
      );
    }
    if ((await kindOfAll(names)) === "model") {
      refuse(flags, ["report", "threads"], "runs", "networks");
      const { compareModels } = await import("./run-models.ts");
      await compareModels(names, flags);
    } else {
      refuse(flags, ["size", "classes"], "networks", "runs");
      const { compareRuns } = await import("./run.ts");
      await compareRuns(names, flags);
    }
  });
}

/** The option, its help saying for what it is. */
function only(what: string, one: Option): Option {
  one.description = `${what}: ${one.description}`;
  return one;
}

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
    throw new SenetError(
      "usage",
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
  throw new SenetError("usage", `--${given} works for ${worksFor}, found ${found}; leave it out.`);
}
