import { Command } from "commander";
import { SenetError } from "../../base/errors.ts";
import type { ComplexityFlags } from "../shared/flags.ts";
import { commonOptions, option } from "../shared/options.ts";

export function complexityCommand(): Command {
  const command = new Command("complexity")
    .summary("count the paper's networks as the paper does")
    .description(
      "Every complexity figure that the SENet paper prints (Tables 2, 3, 10, 13, 15, 16, and dropping the last stage's\nblocks) beside what is counted here, and the reason where they differ.",
    );
  for (const one of [option("--paper", "compare with the paper's printed figures"), ...commonOptions()]) {
    command.addOption(one);
  }
  return command.action(async (flags: ComplexityFlags) => {
    if (!flags.paper) {
      throw new SenetError(
        "usage",
        "senet complexity: expected --paper; `senet summary MODEL` counts one network.",
      );
    }
    const { runPaperComparison } = await import("./run.ts");
    runPaperComparison(flags);
  });
}
