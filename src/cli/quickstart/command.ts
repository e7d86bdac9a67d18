import { Command } from "commander";
import { SenetError } from "../../base/errors.ts";
import { defaultRecipe } from "../../train/recipe.ts";
import type { CommonFlags } from "../shared/flags.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { whole } from "../shared/values.ts";

/** Height and width of the images of CIFAR networks. */
const SMALL_SIDE = 32;

/** What the command line of `senet quickstart` says. */
interface QuickstartFlags extends CommonFlags {
  readonly data: string;
  readonly depth: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly report: string;
  readonly threads?: number;
}

export function quickstartCommand(): Command {
  const command = new Command("quickstart")
    .summary("train a plain and an SE network on embedded data and compare them")
    .description(
      "Does Squeeze-and-Excitation help? Trains resnetN and seresnetN with the same seed and recipe, prints one\ntable and writes a report with both learning curves. A few minutes on two cores.",
    );
  const options = [
    option("--data <path|name>", "as for `senet train`", { fallback: "fashion-mnist-mini" }),
    option("--depth <n>", "N = 6n + 2: 8, 14, 20, 32, …", { parse: whole("--depth"), fallback: 8 }),
    option("--epochs <n>", "passes over the training data", {
      parse: whole("--epochs", { min: 1 }),
      fallback: 6,
    }),
    option("--batch <n>", "images a step", {
      parse: whole("--batch", { min: 1 }),
      fallback: defaultRecipe.batch,
    }),
    option("--seed <n>", "names all random numbers", {
      parse: whole("--seed", { min: 0 }),
      fallback: defaultRecipe.seed,
    }),
    option("--report <file.html>", "where the report goes", { fallback: "report.html" }),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(run);
}

async function run(flags: QuickstartFlags): Promise<void> {
  const { findModel } = await import("../../models/find-model.ts");
  const { newRun } = await import("../train/run.ts");
  const { checkReportPlace, compareRuns } = await import("../compare/run.ts");
  const { createProgress } = await import("../shared/progress.ts");
  const { freeFolders } = await import("../../files/folders-node.ts");
  const { data, depth, epochs, batch, seed, report, threads } = flags;
  const models = [`resnet${depth}`, `seresnet${depth}`];
  // Networks for small images; 50 and 152 are 6n + 2 too, but depths of ImageNet networks.
  if (models.some((model) => findModel(model)?.input[1] !== SMALL_SIDE)) {
    throw new SenetError(
      "usage",
      `--depth: expected 6n + 2 from 8 to 1202, such as 8, 14, 20 or 32, but not an ImageNet network's (26, 50, 152, 200), found ${depth}; choose another.`,
    );
  }
  await checkReportPlace(report);
  const progress = createProgress();
  const folders = await freeFolders(models.map((model) => `runs/quickstart-${model}`));
  for (const [i, model] of models.entries()) {
    const settings = { data, epochs, batch, seed, out: folders[i], ...(threads && { threads }) };
    const { result, exitCode } = await newRun(model, settings, progress);
    if (result.finished) continue;
    progress.line(`stopped and saved; go on with: senet train --resume ${result.folder.path}`);
    process.exitCode = exitCode;
    return;
  }
  await compareRuns(folders, { report, ...(threads && { threads }), ...(flags.json && { json: true }) });
}
