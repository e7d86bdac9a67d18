import { type CommandFlags, defineCommand, option } from "../shared/define-command.ts";
import {
  modelOptions,
  preprocessingOptions,
  threadsOption,
  trainedWeightsOptions,
} from "../shared/option-groups.ts";
import { text, whole } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "classify images",
  description:
    "Print the most probable classes of images (JPEG, PNG, WebP, AVIF, GIF, TIFF; files or http addresses), by an .onnx image classifier of any origin, the model of a run, or a model of `senet models` with --weights. Images are prepared as the file says (in its metadata, under senet), or as --like, --mean, --std and --size say.",
  arguments: [
    ["<model|file.onnx|run>", "a model file, a folder that `senet train` made, or a name with --weights"],
    ["<image...>", "image files or http addresses"],
  ],
  options: {
    topK: option("<n>", "number of classes to show", whole({ min: 1 }), { default: 5 }),
    labels: option("<file>", "names of the classes, one per line", text, {
      defaultText: "the file's; ImageNet's for 1,000 classes; else numbers",
    }),
    ...preprocessingOptions,
    ...modelOptions,
    ...trainedWeightsOptions,
    batch: option("<n>", "images read at a time", whole({ min: 1 }), {
      defaultText: "8, or the model's if it is fixed",
    }),
    threads: threadsOption,
  },
});

export type PredictFlags = CommandFlags<typeof command>;
