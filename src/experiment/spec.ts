import { z } from "zod";
import { nearest, SenetError } from "../base/errors.ts";
import type { SEPlan } from "../models/parts/se-plan.ts";
import { describeIssue, recipeSchema, type TrainConfig, trainConfigSchema } from "../train/config.ts";

const text = z.string().min(1);
const count = z.number().int().min(1);
const plan = z.record(z.string(), z.unknown());

const namedRecipe = recipeSchema.extend({ name: text });
const configuration = z.strictObject({ name: text, se: z.union([z.literal(false), plan]).optional() });

const schema = z.strictObject({
  name: text,
  /** What is asked, and where in the paper. */
  about: text.optional(),
  data: text,
  /** Height and width that images of folders and parquet files get. */
  size: count.optional(),
  /** Only so many training images. */
  limit: count.optional(),
  models: z.array(text).min(1),
  seeds: z.array(z.number().int().min(0)).min(1),
  train: recipeSchema.optional(),
  /** Several ways to train, each on top of `train`. */
  recipes: z.array(namedRecipe).min(1).optional(),
  /** SE options that all configurations share. */
  se: plan.optional(),
  configurations: z.array(configuration).min(1).optional(),
  /** SE options with several values: every combination is one more configuration. */
  grid: z.record(z.string(), z.array(z.unknown()).min(1)).optional(),
});

/** An experiment, as a spec file says it; SE options are checked where networks are built. */
export interface ExperimentSpec extends Omit<z.infer<typeof schema>, "train" | "recipes"> {
  readonly train?: Recipe;
  readonly recipes?: readonly (Recipe & { readonly name: string })[];
}
/** What a spec changes of the usual way to train. */
export type Recipe = Partial<Pick<TrainConfig, Exclude<keyof z.infer<typeof recipeSchema>, "augment">>> & {
  readonly augment?: Partial<TrainConfig["augment"]>;
};
/** SE options as they are written. */
export type WrittenPlan = z.infer<typeof plan> & SEPlan;

/** Known names of the records in a spec, by the first step of the path to them. */
const known: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(schema.shape),
  train: Object.keys(recipeSchema.shape),
  recipes: Object.keys(namedRecipe.shape),
  configurations: Object.keys(configuration.shape),
};

/**
 * Checks a spec that was read from a file.
 *
 * @param where names the file for messages
 * @throws SenetError `usage` naming the field, what was expected and what was found; for an unknown name also the nearest one
 */
export function parseSpec(candidate: unknown, where: string): ExperimentSpec {
  const result = schema.safeParse(candidate);
  if (!result.success) throw wrong(where, unknownKey(result.error) ?? describeIssue(result.error, candidate));
  // In a file nothing is there and undefined, as zod's types would have it.
  const spec = result.data as ExperimentSpec;
  if (!spec.configurations && !spec.grid)
    throw wrong(where, "expected configurations or a grid, found neither");
  refuseHuge(spec, where);
  for (const field of ["models", "seeds"] as const) refuseTwins(spec[field], field, where);
  for (const field of ["configurations", "recipes"] as const) {
    refuseTwins(spec[field]?.map(({ name }) => name) ?? [], `names of ${field}`, where);
  }
  return spec;
}

/** What is wrong with a name; it comes first, as a misspelt field is missing under its right name. */
function unknownKey({ issues }: z.ZodError): string | undefined {
  const issue = issues.find(({ code }) => code === "unrecognized_keys");
  if (issue?.code !== "unrecognized_keys") return undefined;
  const [key] = issue.keys;
  const place = issue.path.join(".");
  const names = known[String(issue.path.length === 3 ? "" : (issue.path[0] ?? ""))];
  const among = issue.path.at(-1) === "augment" ? Object.keys(trainConfigSchema.shape.augment.shape) : names;
  return `expected no "${key}"${place === "" ? "" : ` in ${place}`}, found one${nearest(key, among ?? [])}`;
}

/** Networks of one experiment. Each is built before the first is trained, and a grid of many options multiplies to millions. */
const MOST_VARIANTS = 1000;

function refuseHuge({ models, recipes, configurations, grid }: ExperimentSpec, where: string): void {
  const combinations = grid ? Object.values(grid).reduce((product, { length }) => product * length, 1) : 0;
  const rows = (configurations?.length ?? 0) + combinations;
  const found = rows * models.length * (recipes?.length ?? 1);
  if (found <= MOST_VARIANTS) return;
  throw wrong(
    where,
    `expected at most ${MOST_VARIANTS} configurations, counted for each model and recipe, found ${found}`,
  );
}

function refuseTwins(values: readonly (string | number)[], what: string, where: string): void {
  const twin = values.find((value, i) => values.indexOf(value) !== i);
  if (twin !== undefined) throw wrong(where, `expected different ${what}, found "${twin}" twice`);
}

function wrong(where: string, sentence: string): SenetError {
  return new SenetError("usage", `${where}: ${sentence}; correct the spec.`);
}
