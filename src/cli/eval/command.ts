import { type CommandFlags, defineCommand, flag, option } from "../shared/define-command.ts";
import {
  evaluationBatchOption,
  modelOptions,
  preprocessingOptions,
  resizeOption,
  skipBadOption,
  threadsOption,
  trainedWeightsOptions,
} from "../shared/option-groups.ts";
import { text } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "evaluate a run or an .onnx model on labeled images",
  description:
    "Accuracy and loss on the test split of a data set, with the accuracy of each class and the classes it is confused with: of a run's model.onnx (its last epoch), of any .onnx image classifier, or of a model of `senet models` with --weights.",
  arguments: [
    ["<run|file.onnx|model>", "a folder that `senet train` made, a model file, or a name with --weights"],
  ],
  options: {
    best: flag(
      "evaluate a run's best.safetensors instead of its model.onnx (the averages in it, of a run with --ema)",
    ),
    data: option("<path|name>", "as for `senet train`", text, { defaultText: "the run's own" }),
    size: resizeOption,
    skipBad: skipBadOption,
    ...preprocessingOptions,
    classes: modelOptions.classes,
    ...trainedWeightsOptions,
    batch: evaluationBatchOption,
    threads: threadsOption,
  },
});

export type EvalFlags = CommandFlags<typeof command>;
