import { Command } from "commander";
import type { CompareFlags } from "./flags.ts";
import { commonOptions, option, threadsOption } from "./options.ts";

export function compareCommand(): Command {
  const command = new Command("compare")
    .summary("compare runs: accuracy, size, and time measured now")
    .description(
      "One table of runs: test accuracy, parameters, MACs, and the times of a training step and of inference,\nmeasured now by alternating the runs; differences are against the first run.",
    )
    .argument("<runs...>", "folders that `senet train` made, two or more");
  const options = [
    option("--report <file.html>", "also write a self-contained report with the learning curves"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (runs: string[], flags: CompareFlags) => {
    const { compareRuns } = await import("./run-comparison.ts");
    await compareRuns(runs, flags);
  });
}
