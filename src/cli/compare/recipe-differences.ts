import type { TrainConfig } from "../../train/config.ts";
import type { ComparedRun } from "./comparison.ts";

/** Sentences on what runs differ in besides the network, against the first: a fair comparison has none. */
export function recipeDifferences(runs: readonly ComparedRun[]): string[] {
  const [first, ...others] = runs.map(({ label, config }) => ({ label, recipe: recipeOf(config) }));
  return others.flatMap(({ label, recipe }) => {
    const names = [...new Set([...Object.keys(first.recipe), ...Object.keys(recipe)])];
    const fields = names
      .filter((name) => first.recipe[name] !== recipe[name])
      .map((name) => `${name} ${first.recipe[name] ?? "none"} and ${recipe[name] ?? "none"}`);
    return fields.length > 0
      ? [`${first.label} and ${label} differ in more than the network: ${fields.join(", ")}`]
      : [];
  });
}

/** Recipe and data of a run, flat: `augment.pad`. */
function recipeOf(config: TrainConfig): Record<string, string> {
  const { model: _model, se: _se, classes, data, augment, ...rest } = config;
  const nested = { data, augment };
  return {
    ...textOf(rest),
    classes: String(classes.length),
    ...Object.fromEntries(
      Object.entries(nested).flatMap(([outer, fields]) =>
        Object.entries(textOf(fields)).map(([name, text]) => [`${outer}.${name}`, text]),
      ),
    ),
  };
}

function textOf(fields: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
