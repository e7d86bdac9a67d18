import { Command } from "commander";
import { SenetError } from "../../base/errors.ts";
import { type TrainFlags, trainOptions } from "./options.ts";

/** Options that may accompany --resume: none of them changes what is computed. (--data: where the same data lies now.) */
const WITH_RESUME = new Set(["resume", "data", "checkpointMinutes", "threads", "json", "debug"]);

export function trainCommand(): Command {
  const command = new Command("train")
    .summary("train a network; writes a run folder with log, checkpoints and model.onnx")
    .description(
      "Train a network on labelled images. The run folder holds config.json, log.jsonl, best.safetensors,\nlast.safetensors, model.onnx and, of a run that began with given weights, initial.onnx. Ctrl-C finishes the step, saves and exits; --resume goes on exactly.",
    )
    .argument("[model]", "network, as `senet models` lists them, or an .onnx file; not needed with --resume");
  for (const [heading, options] of Object.entries(trainOptions())) {
    command.optionsGroup(heading);
    for (const one of options) command.addOption(one);
  }
  return command.action((model: string | undefined, flags: TrainFlags) => run(model, flags, command));
}

async function run(model: string | undefined, flags: TrainFlags, command: Command): Promise<void> {
  if (flags.resume !== undefined) {
    refuseChanges(command);
    const { resumeTraining } = await import("./run.ts");
    return resumeTraining(flags.resume, model, flags);
  }
  if (model === undefined) {
    throw new SenetError(
      "usage",
      "senet train: expected a model, such as seresnet20; `senet models` lists all.",
    );
  }
  const { data } = flags;
  if (data === undefined) {
    throw new SenetError(
      "usage",
      "senet train: expected --data with a path or the name of embedded data, such as fashion-mnist-mini.",
    );
  }
  const { startTraining } = await import("./run.ts");
  return startTraining(model, { ...flags, data });
}

function refuseChanges(command: Command): void {
  for (const one of command.options) {
    const name = one.attributeName();
    if (WITH_RESUME.has(name) || command.getOptionValueSource(name) !== "cli") continue;
    throw new SenetError(
      "usage",
      `${one.long}: expected no such option beside --resume, because the run's config.json decides; leave it out or start a new run.`,
    );
  }
}
