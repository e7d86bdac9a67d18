import { Command } from "commander";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { PredictFlags } from "../shared/flags.ts";
import { classesOption, side } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { preprocessingOptions } from "../shared/preprocessing-options.ts";
import { whole } from "../shared/values.ts";

export function predictCommand(): Command {
  const command = new Command("predict")
    .summary("say what images show")
    .description(
      "The most probable classes of images (JPEG, PNG, WebP, AVIF, GIF, TIFF; files or http addresses), by an .onnx image classifier of any origin, the model of a run, or a network of `senet models` with --weights. Images are prepared as the file says (its metadata, under senet), or as --like, --mean, --std and --size say.",
    )
    .argument("<model|file.onnx|run>", "model file, folder that `senet train` made, or a name with --weights")
    .argument("<image...>", "files or addresses of images");
  const options = [
    option("--top-k <n>", "how many classes to tell", { parse: whole("--top-k", { min: 1 }), fallback: 5 }),
    option("--labels <file>", "names of the classes, one a line", {
      described: "the file's; of 1,000 classes ImageNet's; else numbers",
    }),
    ...preprocessingOptions(),
    option("--size <n|HxW>", "height and width of the images", {
      parse: side("--size"),
      described: "the model's own",
    }),
    classesOption(),
    ...weightsOptions({ forAnswers: true }),
    option("--batch <n>", "images run at once", {
      parse: whole("--batch", { min: 1 }),
      described: "8, or the model's where it is fixed",
    }),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, images: string[], flags: PredictFlags) => {
    const { predictImages } = await import("./run.ts");
    await predictImages(model, images, flags);
  });
}
