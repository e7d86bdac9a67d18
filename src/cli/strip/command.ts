import { type CommandFlags, defineCommand, option } from "../shared/define-command.ts";
import {
  evaluationBatchOption,
  forceOption,
  preprocessingOptions,
  resizeOption,
  threadsOption,
} from "../shared/option-groups.ts";
import { decimal, type ParseValue, stages, text, whole } from "../shared/parse.ts";

const stagesOrLast: ParseValue<readonly number[] | "last"> = (text, option) =>
  text === "last" ? "last" : stages(text, option);

export const command = defineCommand({
  summary: "remove SE blocks from a network, folding their mean gates into its weights",
  description:
    "Remove SE blocks from an .onnx file of any origin. Each map is multiplied by the mean of its gates over the images of --data instead, in the weights before it where possible. Reports the accuracy on the test split before and after where its classes are the network's.",
  arguments: [
    ["<in.onnx>", "a model file with SE blocks"],
    ["<out.onnx>", "output file"],
  ],
  options: {
    where: option("<pattern>", "only blocks with matching names: 'layer4|layer3.2'", text, {
      defaultText: "all",
    }),
    stages: option(
      "<list|last>",
      "only blocks in these stages, counted by map size from 2, or in the last",
      stagesOrLast,
      { defaultText: "all" },
    ),
    data: option("<path|name>", "images to average the gates over, as for `senet train`"),
    images: option(
      "<n>",
      "number of images of its training split to use, chosen at random",
      whole({ min: 1 }),
      { default: 1000 },
    ),
    gate: option("<value>", "instead of --data: the same gate for all channels, such as 0.5", decimal()),
    size: resizeOption,
    ...preprocessingOptions,
    batch: evaluationBatchOption,
    force: forceOption,
    threads: threadsOption,
  },
});

export type StripFlags = CommandFlags<typeof command>;
