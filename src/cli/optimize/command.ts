import { type CommandFlags, defineCommand, flag, option } from "../shared/define-command.ts";
import { forceOption, modelOptions, threadsOption } from "../shared/option-groups.ts";
import { whole } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "rewrite a network to run faster and compute the same",
  description:
    "Rewrite a network for inference: fold BatchNormalization into convolutions, squeeze before the last convolution of SE blocks, fold constants. Reports for each rule where it applied, where not, and why; runs both networks on random inputs and writes nothing if they differ by more than 1e-4 of the largest output.",
  arguments: [
    ["<file.onnx>", "a model file, or a name that `senet models` lists"],
    ["<out.onnx>", "output file"],
  ],
  options: {
    measure: flag("time the alternatives on this machine in alternation, and keep the fastest"),
    forThisMachine: flag(
      "keep maps in ONNX Runtime's own layout, and let convolutions do SE's scaling: the file then runs only on processors of this kind, one image at a time with --batch 1",
    ),
    force: forceOption,
    batch: option("<n>", "batch size", whole({ min: 1, max: 65_536 }), { defaultText: "the file's own" }),
    size: modelOptions.size,
    threads: threadsOption,
  },
});

export type OptimizeFlags = CommandFlags<typeof command>;
