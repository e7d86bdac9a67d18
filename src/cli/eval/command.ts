import { Command } from "commander";
import { limits } from "../../files/limits.ts";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { EvalFlags } from "../shared/flags.ts";
import { classesOption, side } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { preprocessingOptions } from "../shared/preprocessing-options.ts";
import { whole } from "../shared/values.ts";

export function evalCommand(): Command {
  const command = new Command("eval")
    .summary("test a run or an .onnx model on labelled images")
    .description(
      "Accuracy and loss of a run's model.onnx (its last epoch), of any .onnx image classifier, or of a network of `senet models` with --weights, on the test split of data, with the accuracy of each class and what it is taken for.",
    )
    .argument(
      "<run|file.onnx|model>",
      "folder that `senet train` made, model file, or a name with --weights",
    );
  const options = [
    option(
      "--best",
      "test a run's best.safetensors instead of its model.onnx (of a run with --ema: the averages in it)",
    ),
    option("--data <path|name>", "as for `senet train`", { described: "the run's own" }),
    option("--size <n|HxW>", "resize images (folders and parquet) to this height and width", {
      parse: side("--size", limits.size),
      described: "the model's",
    }),
    option("--skip-bad", "leave out images of a folder that do not decode, and count them"),
    ...preprocessingOptions(),
    classesOption(),
    ...weightsOptions({ forAnswers: true }),
    option("--batch <n>", "images at once; changes the speed only", {
      parse: whole("--batch", { min: 1 }),
      described: "128, or the model's where it is fixed",
    }),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (target: string, flags: EvalFlags) => {
    const { evaluateTarget } = await import("./run.ts");
    await evaluateTarget(target, flags);
  });
}
