import { fieldsOf, type TrainConfig } from "../../train/config.ts";
import type { ComparedRun } from "./comparison.ts";

/** Sentences on what runs differ in besides the network, against the first: a fair comparison has none. */
export function recipeDifferences(runs: readonly ComparedRun[]): string[] {
  const [first, ...others] = runs.map(({ label, config }) => ({ label, recipe: recipeOf(config) }));
  return others.flatMap(({ label, recipe }) => {
    const names = [...new Set([...Object.keys(first.recipe), ...Object.keys(recipe)])];
    const fields = names
      .filter((name) => first.recipe[name] !== recipe[name])
      .map((name) => `${name} ${first.recipe[name] ?? "none"} and ${recipe[name] ?? "none"}`);
    if (fields.length === 0) return [];
    return [`${first.label} and ${label} differ in more than the network: ${fields.join(", ")}`];
  });
}

/** Recipe and data of a run, flat: `augment.pad`. */
function recipeOf({ model: _model, se: _se, classes, ...rest }: TrainConfig): Record<string, string> {
  const fields = [...fieldsOf({ ...rest, classes: classes.length })];
  return Object.fromEntries(fields.map(([name, json]) => [name, json.replace(/^"|"$/g, "")]));
}
