import { placeKinds } from "../../passes/se/find-se-places.ts";
import { defineCommand, option } from "../shared/define-command.ts";
import { forceOption, modelOptions, threadsOption, weightsOptions } from "../shared/option-groups.ts";
import { oneOf, stages, text } from "../shared/parse.ts";
import { seBlockOptions } from "../shared/se-options.ts";

const kinds = ["auto", ...placeKinds] as const;

export const command = defineCommand({
  summary: "insert SE blocks into a network without changing what it computes",
  description:
    "Insert SE blocks into an .onnx file of any origin, or into a model of `senet models`. The new network computes the same function as the old one, which is checked on random inputs before the file is written, and all of it can be trained: see `senet train`.",
  arguments: [
    ["<model|in.onnx>", "a model file, or a name that `senet models` lists"],
    ["<out.onnx>", "output file"],
  ],
  options: {
    place: option("<kind>", kinds.join(", "), oneOf(kinds), {
      default: "auto",
      defaultText: "auto: residual branches, else concatenations, else convolutions",
    }),
    where: option("<pattern>", "only places in blocks with matching names: 'layer3|layer4'", text, {
      defaultText: "all",
    }),
    stages: option("<list>", "only places in these stages, counted by map size from 2: 4,5", stages, {
      defaultText: "all",
    }),
    initial: option(
      "<kind>",
      "neutral, which keeps the network's function, or random",
      oneOf(["neutral", "random"]),
      { default: "neutral" },
    ),
    ...seBlockOptions,
    ...modelOptions,
    ...weightsOptions,
    force: forceOption,
    threads: threadsOption,
  },
});
