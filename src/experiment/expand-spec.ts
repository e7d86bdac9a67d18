import type { ExperimentSpec, Recipe, WrittenPlan } from "./spec.ts";

/** One row of an experiment: a network with its SE blocks and its way to be trained, to be trained with every seed. */
export interface Variant {
  /** Of the configuration, with the model and the recipe where there are several. */
  readonly name: string;
  readonly configuration: string;
  readonly model: string;
  /** Empty where the spec has only one. */
  readonly recipe: string;
  /** Changes to the model's SE blocks, none of them (`false`), or its own. */
  readonly se: WrittenPlan | false | undefined;
  readonly train: Recipe;
}

/** Every variant of a spec: its configurations, then the combinations of its grid, for each model and recipe. */
export function expandSpec(spec: ExperimentSpec): Variant[] {
  const { models, se: shared, train = {} } = spec;
  const recipes: NonNullable<ExperimentSpec["recipes"]> = spec.recipes ?? [{ name: "" }];
  const configurations = [...(spec.configurations ?? []), ...combinations(spec.grid)];
  return recipes.flatMap(({ name: recipe, ...own }) =>
    models.flatMap((model) =>
      configurations.map(({ name: configuration, se }) => ({
        name: [configuration, ...(models.length > 1 ? [model] : []), ...(recipe === "" ? [] : [recipe])].join(
          ", ",
        ),
        configuration,
        model,
        recipe,
        se: se === false ? se : together(shared, se),
        train: { ...train, ...own, augment: { ...train.augment, ...own.augment } },
      })),
    ),
  );
}

function together(shared: object | undefined, own: object | undefined): WrittenPlan | undefined {
  return shared === undefined && own === undefined ? undefined : { ...shared, ...own };
}

/** Every combination of a grid's values, the last option varying fastest. */
function combinations(grid: ExperimentSpec["grid"]): { name: string; se: Record<string, unknown> }[] {
  if (grid === undefined) return [];
  let plans: Record<string, unknown>[] = [{}];
  for (const [option, values] of Object.entries(grid)) {
    plans = plans.flatMap((plan) => values.map((value) => ({ ...plan, [option]: value })));
  }
  return plans.map((se) => ({ name: nameOf(se), se }));
}

function nameOf(se: Record<string, unknown>): string {
  return Object.entries(se)
    .map(([option, value]) => `${option} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}
