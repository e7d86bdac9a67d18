import { Command } from "commander";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { ProfileFlags } from "../shared/flags.ts";
import { modelOptions } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { seOptions } from "../shared/se-flags.ts";
import { whole } from "../shared/values.ts";

export function profileCommand(): Command {
  const command = new Command("profile")
    .summary("measure where a network's time goes")
    .description(
      "Time of each module and each kind of node, measured by ONNX Runtime's profiler, beside their parts of the multiply-accumulates and of the bytes moved. A network given by name has random weights unless --weights names others.",
    )
    .argument("<model|file.onnx>", "a name that `senet models` lists, or a model file");
  const options = [
    option("--runs <n>", "timed runs, after some to warm up", {
      parse: whole("--runs", { min: 3, max: 10_000 }),
      fallback: 20,
    }),
    option("--depth <n>", "levels of modules that are told apart: 2 for layer1.0", {
      parse: whole("--depth", { min: 1, max: 100 }),
      fallback: 2,
    }),
    option("--batch <n>", "images at once", {
      parse: whole("--batch", { min: 1, max: 65_536 }),
      described: "1, or the file's own",
    }),
    ...modelOptions(),
    ...weightsOptions(),
    threadsOption(),
    ...seOptions(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, flags: ProfileFlags) => {
    const { profileModel } = await import("./run.ts");
    await profileModel(model, flags);
  });
}
