import { defineCommand, option } from "../shared/define-command.ts";
import { modelOptions, threadsOption, weightsOptions } from "../shared/option-groups.ts";
import { whole } from "../shared/parse.ts";
import { seOptions } from "../shared/se-options.ts";

export const command = defineCommand({
  summary: "measure where a network spends its time",
  description:
    "The time of each module and each kind of node, measured by ONNX Runtime's profiler, beside their shares of the MACs and of the bytes moved. A model given by name has random weights unless --weights names others.",
  arguments: [["<model|file.onnx>", "a name that `senet models` lists, or a model file"]],
  options: {
    runs: option("<n>", "number of timed runs, after a few for warm-up", whole({ min: 3, max: 10_000 }), {
      default: 20,
    }),
    depth: option("<n>", "levels of modules to distinguish: 2 for layer1.0", whole({ min: 1, max: 100 }), {
      default: 2,
    }),
    batch: option("<n>", "batch size", whole({ min: 1, max: 65_536 }), {
      defaultText: "1, or the file's own",
    }),
    ...modelOptions,
    ...weightsOptions,
    threads: threadsOption,
    ...seOptions,
  },
});
