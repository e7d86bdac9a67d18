import { limits } from "../../files/limits.ts";
import { weightFormats } from "../../passes/quantization/weight-formats.ts";
import { calibrationMethods } from "../../quantize/calibration-methods.ts";
import { type CommandFlags, defineCommand, flag, option } from "../shared/define-command.ts";
import { forceOption, preprocessingOptions, threadsOption } from "../shared/option-groups.ts";
import { decimal, oneOf, sides, text, whole } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "convert an image classifier to 8-bit integers",
  description:
    "Convert an .onnx image classifier to 8-bit integers: a quarter of the file size, and two to three times as fast for a network of the size of a ResNet-50. The ranges of its values are calibrated on about a hundred images like those it will meet. Reports the error of each layer, accuracy before and after where images are labeled, size and speed. With --weights only the file becomes smaller.",
  arguments: [
    ["<in.onnx|run>", "a model file, or a folder that `senet train` made"],
    ["<out.onnx>", "output file"],
  ],
  options: {
    calibrate: option(
      "<path|name>",
      "calibration images: a folder of images, or data as for `senet train` (its training split)",
    ),
    images: option("<n>", "number of calibration images, chosen at random", whole({ min: 1 }), {
      default: 128,
    }),
    seed: option("<n>", "random seed of that choice", whole({ min: 0 }), { default: 0 }),
    method: option(
      "<name>",
      `how ranges are chosen: ${calibrationMethods.join(", ")}`,
      oneOf(calibrationMethods),
      {
        default: "mse",
      },
    ),
    percentile: option(
      "<p>",
      "with --method percentile: percentage of the values within a range",
      decimal({ above: 50, max: 100 }),
      { defaultText: "99.99" },
    ),
    keepFloat: option(
      "<list>",
      "layers to keep in float, separated by commas: first, last, gate, or modules such as layer1.0.conv1",
    ),
    maxDrop: option(
      "<points>",
      "maximum loss of accuracy in percentage points; keeps as few layers in float as that takes",
      decimal({ min: 0, max: 100 }),
    ),
    reduceRange: flag("7 bits for weights: for x86 processors without VNNI, whose 8-bit products saturate"),
    weights: option(
      "<format>",
      `compress only the weights, without calibration: ${weightFormats.join(", ")}`,
      oneOf(weightFormats),
    ),
    data: option(
      "<path|name>",
      "labeled images to measure accuracy: data as for `senet eval`, or a folder per class",
      text,
      { defaultText: "those of --calibrate, if labeled" },
    ),
    size: option("<n|HxW>", "height and width of the images", sides(limits.size), {
      defaultText: "the model's",
    }),
    ...preprocessingOptions,
    force: forceOption,
    threads: threadsOption,
  },
});

export type QuantizeFlags = CommandFlags<typeof command>;
