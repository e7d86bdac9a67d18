import { Command } from "commander";
import { limits } from "../../files/limits.ts";
import { weightFormats } from "../../passes/quantization/weight-formats.ts";
import { calibrationMethods } from "../../quantize/calibration-methods.ts";
import type { QuantizeFlags } from "../shared/flags.ts";
import { side } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { preprocessingOptions } from "../shared/preprocessing-options.ts";
import { decimal, oneOf, whole } from "../shared/values.ts";

export function quantizeCommand(): Command {
  const command = new Command("quantize")
    .summary("write an image classifier in 8-bit integers")
    .description(
      "Write an .onnx image classifier in 8-bit integers: a quarter of the file, and two to three times as fast for a network of the size of a ResNet-50. What ranges its values take is seen on a hundred images like those it will meet. Tells each layer's error, accuracy before and after where images are labelled, size and speed. With --weights only the file becomes smaller.",
    )
    .argument("<in.onnx|run>", "model file, or folder that `senet train` made")
    .argument("<out.onnx>", "where to write");
  const options = [
    option(
      "--calibrate <path|name>",
      "images to see ranges on: a folder of images, or data as for `senet train` (its training split)",
    ),
    option("--images <n>", "how many of them, chosen at random", {
      parse: whole("--images", { min: 1 }),
      fallback: 128,
    }),
    option("--seed <n>", "names the random choice", { parse: whole("--seed", { min: 0 }), fallback: 0 }),
    option("--method <name>", `how ranges are chosen: ${calibrationMethods.join(", ")}`, {
      parse: oneOf("--method", calibrationMethods),
      fallback: "mse" as const,
    }),
    option("--percentile <p>", "of the method percentile: per cent of the numbers that a range holds", {
      parse: decimal("--percentile", { above: 50, max: 100 }),
      described: "99.99",
    }),
    option(
      "--keep-float <list>",
      "what stays float, separated by commas: first, last, gate, or modules such as layer1.0.conv1",
    ),
    option(
      "--max-drop <points>",
      "points of accuracy that may be lost; leaves the few layers float that it takes",
      {
        parse: decimal("--max-drop", { min: 0, max: 100 }),
      },
    ),
    option(
      "--reduce-range",
      "7 bits for weights: for x86 processors without VNNI, whose 8-bit products saturate",
    ),
    option(
      "--weights <format>",
      `store only the weights in fewer bits, no calibration: ${weightFormats.join(", ")}`,
      {
        parse: oneOf("--weights", weightFormats),
      },
    ),
    option(
      "--data <path|name>",
      "labelled images to test accuracy on: as for `senet eval`, or a folder per class",
      {
        described: "those of --calibrate, if labelled",
      },
    ),
    option("--size <n|HxW>", "height and width of the images", {
      parse: side("--size", limits.size),
      described: "the model's",
    }),
    ...preprocessingOptions(),
    option("--force", "replace <out.onnx> if it is there"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, out: string, flags: QuantizeFlags) => {
    const { quantizeModel } = await import("./run.ts");
    await quantizeModel(model, out, flags);
  });
}
