import { type CommandFlags, defineCommand, group, option } from "../shared/define-command.ts";
import { modelOptions, threadsOption } from "../shared/option-groups.ts";

export const command = defineCommand({
  summary: "compare runs by accuracy, size and speed, or networks by their cost",
  description:
    "Runs: one table of test accuracy, parameters, MACs, and the times of a training step and of inference, measured now by alternating between the runs. Networks, by name or from files: parameters, MACs, FLOPs, bytes moved, memory and the share of SE blocks, and where the differences arise. Differences are relative to the first.",
  arguments: [
    [
      "<runs|models...>",
      "two or more folders that `senet train` made (./NAME where a network has that name), or model names and .onnx files",
    ],
  ],
  options: {
    ...group("Runs:", {
      report: option("<file.html>", "also write a self-contained report with the learning curves"),
      threads: threadsOption,
    }),
    ...group("Networks:", modelOptions),
  },
});

export type CompareFlags = CommandFlags<typeof command>;
