import { Command } from "commander";
import { limits } from "../../files/limits.ts";
import type { StripFlags } from "../shared/flags.ts";
import { side } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { preprocessingOptions } from "../shared/preprocessing-options.ts";
import { decimal, stageList, whole } from "../shared/values.ts";

export function stripCommand(): Command {
  const command = new Command("strip")
    .summary("take SE blocks out of a network, their mean gates folded into its weights")
    .description(
      "Take SE blocks out of an .onnx file of any origin. Each map is multiplied by the mean of its gates over images of --data instead, in the weights before it where these can take it; the accuracy on the test split before and after is told where its classes are the network's.",
    )
    .argument("<in.onnx>", "a model file with SE blocks")
    .argument("<out.onnx>", "where to write");
  const options = [
    option("--where <pattern>", "only blocks of such names: 'layer4|layer3.2'", { described: "all" }),
    option("--stages <list|last>", "only blocks in some stages, counted by map size from 2, or in the last", {
      parse: (text) => (text === "last" ? "last" : stageList("--stages")(text)),
      described: "all",
    }),
    option("--data <path|name>", "images over which gates are averaged, as for `senet train`"),
    option("--images <n>", "of its training split look at this many, chosen at random", {
      parse: whole("--images", { min: 1 }),
      fallback: 1000,
    }),
    option("--gate <value>", "instead of --data: the same gate for all channels, such as 0.5", {
      parse: decimal("--gate"),
    }),
    option("--size <n|HxW>", "resize images (folders and parquet) to this height and width", {
      parse: side("--size", limits.size),
      described: "the model's",
    }),
    ...preprocessingOptions(),
    option("--batch <n>", "images at once; changes the speed only", {
      parse: whole("--batch", { min: 1 }),
      described: "128, or the model's where it is fixed",
    }),
    option("--force", "replace a file that is there"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, out: string, flags: StripFlags) => {
    const { stripBlocks } = await import("./run.ts");
    await stripBlocks(model, out, flags);
  });
}
