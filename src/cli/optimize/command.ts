import { Command } from "commander";
import type { OptimizeFlags } from "../shared/flags.ts";
import { modelOptions } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { whole } from "../shared/values.ts";

export function optimizeCommand(): Command {
  const command = new Command("optimize")
    .summary("rewrite a network so that it runs faster and computes the same")
    .description(
      "Rewrite a network for inference: BatchNormalization worked into convolutions, SE blocks that squeeze before their last convolution, constants folded. Says for each rule where it applied, where not, and why; runs both networks on random inputs and writes nothing if they differ by more than 1e-4 of the largest output.",
    )
    .argument("<file.onnx>", "the network: a file, or a name that `senet models` lists")
    .argument("<out.onnx>", "where to write, as a whole or not at all");
  const options = [
    option("--measure", "time the alternatives on this machine by turns, and keep the fastest"),
    option(
      "--for-this-machine",
      "let maps stay in ONNX Runtime's own layout, and convolutions do SE's scaling: the file then runs only on processors of this kind, one image at once with --batch 1",
    ),
    option("--force", "replace a file that exists"),
    option("--batch <n>", "images at once", {
      parse: whole("--batch", { min: 1, max: 65_536 }),
      described: "the file's own",
    }),
    ...modelOptions().filter(({ long }) => long === "--size"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (file: string, out: string, flags: OptimizeFlags) => {
    const { optimizeModel } = await import("./run.ts");
    await optimizeModel(file, out, flags);
  });
}
