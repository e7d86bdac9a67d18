import { defineCommand, option } from "../shared/define-command.ts";
import { modelOptions, weightsOptions } from "../shared/option-groups.ts";
import { whole } from "../shared/parse.ts";
import { seOptions } from "../shared/se-options.ts";

export const command = defineCommand({
  summary: "show the modules of a network and their cost",
  description:
    "A network as the tree of its modules: shapes, parameters, MACs and bytes moved, then the totals, what each kind of node contributes, and the share of the SE blocks. SE blocks are found by their structure, in any file.",
  arguments: [["<model|file.onnx>", "a name that `senet models` lists, or a model file"]],
  options: {
    depth: option("<n>", "levels of the tree", whole({ min: 0, max: 100 }), {
      defaultText: "2; all with --json",
    }),
    batch: option("<n>", "batch size", whole({ min: 1, max: 1_000_000 }), {
      defaultText: "1, or the file's own",
    }),
    ...modelOptions,
    ...weightsOptions,
    ...seOptions,
  },
});
