import { Command } from "commander";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { SummaryFlags } from "../shared/flags.ts";
import { modelOptions } from "../shared/load-model.ts";
import { commonOptions, option } from "../shared/options.ts";
import { seOptions } from "../shared/se-flags.ts";
import { whole } from "../shared/values.ts";

export function summaryCommand(): Command {
  const command = new Command("summary")
    .summary("what a network is made of, and what each part costs")
    .description(
      "A network as the tree of its modules: shapes, parameters, MACs and bytes moved, then the totals, what each kind of node contributes, and the share of the SE blocks. SE blocks are found by their structure, in any file.",
    )
    .argument("<model|file.onnx>", "a name that `senet models` lists, or a model file");
  const options = [
    option("--depth <n>", "levels of the tree", {
      parse: whole("--depth", { min: 0, max: 100 }),
      described: "2; all with --json",
    }),
    ...modelOptions(),
    ...weightsOptions(),
    option("--batch <n>", "images at once", {
      parse: whole("--batch", { min: 1, max: 1_000_000 }),
      described: "1, or the file's own",
    }),
    ...seOptions(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, flags: SummaryFlags) => {
    const { summarize } = await import("./run.ts");
    await summarize(model, flags);
  });
}
