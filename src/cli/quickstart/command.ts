import { defaultRecipe } from "../../train/recipe.ts";
import { defineCommand, option } from "../shared/define-command.ts";
import { threadsOption } from "../shared/option-groups.ts";
import { text, whole } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "train a plain and an SE network on embedded data and compare them",
  description:
    "Does Squeeze-and-Excitation help? Trains resnetN and seresnetN with the same seed and recipe, prints one table and writes a report with both learning curves. Takes a few minutes on two cores.",
  arguments: [],
  options: {
    data: option("<path|name>", "as for `senet train`", text, { default: "fashion-mnist-mini" }),
    depth: option("<n>", "N = 6n + 2: 8, 14, 20, 32, …", whole(), { default: 8 }),
    epochs: option("<n>", "passes over the training data", whole({ min: 1 }), { default: 6 }),
    batch: option("<n>", "batch size", whole({ min: 1 }), { default: defaultRecipe.batch }),
    seed: option("<n>", "random seed", whole({ min: 0 }), { default: defaultRecipe.seed }),
    report: option("<file.html>", "output file of the report", text, { default: "report.html" }),
    threads: threadsOption,
  },
});
