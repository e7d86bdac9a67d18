import { Command } from "commander";
import { SenetError } from "../../base/errors.ts";
import type { AblateFlags } from "../shared/flags.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { whole, wholes } from "../shared/values.ts";

export function ablateCommand(): Command {
  const command = new Command("ablate")
    .summary("train many variants of a network with several seeds and compare them")
    .description(
      "An experiment: every configuration, model and recipe of a spec is trained with every seed, in one process. Prints and writes (CSV, JSON, HTML) mean and deviation of the accuracy beside parameters, MACs, bytes and measured latency, and whether differences are more than noise. Ctrl-C stops it in order; the same command goes on and repeats nothing.",
    )
    .argument("[spec.yaml|preset]", "a file (docs/experiments.md) or one of --list");
  const options = [
    option("--list", "list the presets"),
    option("--out <folder>", "folder of the experiment", { described: "experiments/NAME" }),
    option("--data <path|name>", "other data than the spec's, as for `senet train`"),
    option("--limit <n>", "only so many training images", { parse: whole("--limit", { min: 1 }) }),
    option("--epochs <n>", "other epochs than the spec's", { parse: whole("--epochs", { min: 1 }) }),
    option("--seeds <list>", "other seeds than the spec's, separated by commas", {
      parse: wholes("--seeds", { min: 0 }),
    }),
    option("--dry-run", "say what would be trained and how long it would take, and stop"),
    option("--yes", "train even if it will take many hours"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (target: string | undefined, flags: AblateFlags) => {
    const { listPresets, runAblation } = await import("./run.ts");
    if (flags.list) return listPresets(flags);
    if (target === undefined) {
      throw new SenetError(
        "usage",
        "senet ablate: expected a spec file or a preset, found neither; `senet ablate --list` lists the presets.",
      );
    }
    await runAblation(target, flags);
  });
}
