import { type CommandFlags, defineCommand, flag, option } from "../shared/define-command.ts";
import { threadsOption } from "../shared/option-groups.ts";
import { text, whole, wholes } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "train variants of a network with several seeds and compare them",
  description:
    "Run an experiment: train every configuration, model and recipe of a spec with every seed, in one process. Prints and writes (CSV, JSON, HTML) the mean and deviation of the accuracy beside parameters, MACs, bytes and measured latency, and whether differences exceed the noise. Ctrl-C stops it cleanly; the same command resumes it and repeats nothing.",
  arguments: [["[spec.yaml|preset]", "a file (docs/experiments.md) or one of --list"]],
  options: {
    list: flag("list the presets"),
    out: option("<folder>", "folder of the experiment", text, { defaultText: "experiments/NAME" }),
    data: option("<path|name>", "data instead of the spec's, as for `senet train`"),
    limit: option("<n>", "use only this many training images", whole({ min: 1 })),
    epochs: option("<n>", "epochs instead of the spec's", whole({ min: 1 })),
    seeds: option("<list>", "random seeds instead of the spec's, separated by commas", wholes({ min: 0 })),
    dryRun: flag("print what would be trained and the estimated time, and stop"),
    yes: flag("start even if it will take many hours"),
    threads: threadsOption,
  },
});

export type AblateFlags = CommandFlags<typeof command>;
