import { Command } from "commander";
import type { EvalFlags } from "./flags.ts";
import { commonOptions, option, threadsOption } from "./options.ts";
import { decimals, whole } from "./values.ts";

export function evalCommand(): Command {
  const command = new Command("eval")
    .summary("test a run or an .onnx model on labelled images")
    .description(
      "Accuracy and loss of a run's model.onnx (its last epoch), or of an .onnx image classifier whose operators senet knows, on the test split of data.",
    )
    .argument("<run|model.onnx>", "folder that `senet train` made, or a model file");
  const options = [
    option(
      "--best",
      "test a run's best.safetensors instead of its model.onnx (of a run with --ema: the averages in it)",
    ),
    option("--data <path|name>", "as for `senet train`", { described: "the run's own" }),
    option("--size <pixels>", "resize images (folders and parquet) to this height and width", {
      parse: whole("--size", { min: 1 }),
      described: "the model's",
    }),
    option("--skip-bad", "leave out images of a folder that do not decode, and count them"),
    option("--mean <list>", "mean of each channel of pixels in [0, 1], separated by commas", {
      parse: decimals("--mean", { min: 0, max: 1 }, "pixels are scaled to [0, 1]"),
      described: "the model's",
    }),
    option("--std <list>", "standard deviation of each channel, separated by commas", {
      parse: decimals("--std", { above: 0, max: 1 }, "pixels are scaled to [0, 1]"),
      described: "the model's",
    }),
    option("--batch <n>", "images at once; changes the speed only", {
      parse: whole("--batch", { min: 1 }),
      described: "128, or the model's where it is fixed",
    }),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (target: string, flags: EvalFlags) => {
    const { evaluateTarget } = await import("./run-evaluation.ts");
    await evaluateTarget(target, flags);
  });
}
