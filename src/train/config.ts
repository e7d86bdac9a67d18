import { z } from "zod";
import { nearest, SenetError } from "../base/errors.ts";
import type { SEPlan } from "../models/parts/se-plan.ts";
import { engineChoices, engineNames } from "./engine/engine.ts";
import { scheduleNames } from "./step/schedules.ts";

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.number().int().min(1);

/** Everything that decides what a run computes. Two runs with equal configurations compute the same. */
export const trainConfigSchema = z.strictObject({
  model: z.string(),
  classes: z.array(z.string()).min(1),
  /** Channels, height, width. */
  input: z.tuple([count, count, count]),
  data: z.strictObject({
    path: z.string(),
    size: count.optional(),
    /** Of resizing; left out where it is bilinear. */
    interpolation: z.literal("bicubic").optional(),
    skipBad: z.boolean(),
    /** Only so many training images, drawn at random. */
    limit: count.optional(),
    /** Samples in the training and in the test set, to notice when the data changes under a resumed run. */
    samples: z.tuple([count, count]),
    /** Hash of the labels of both, for the same purpose; runs of earlier versions have none. */
    labels: z.string().optional(),
  }),
  mean: z.array(z.number()),
  std: z.array(positive),
  /** As in `Preprocessing`; left out where they are 1 and RGB. */
  pixelRange: z.literal(255).optional(),
  colorOrder: z.literal("BGR").optional(),
  /** Changes to the network's SE blocks, an `SEPlan`, which is checked when the network is built; `false`: none of them. */
  se: z
    .union([z.literal(false), z.custom<SEPlan>((plan) => typeof plan === "object" && plan !== null)])
    .optional(),
  epochs: count,
  batch: count,
  seed: z.number().int().min(0),
  /** What computes the steps; `auto` until the first. Runs of earlier versions do not say. */
  engine: z.enum(engineChoices).default("onnxruntime"),
  /** Where it was changed in between: what computed the steps before, each up to which step. */
  formerEngines: z.array(z.tuple([z.enum(engineNames), count])).optional(),
  optimizer: z.enum(["sgd", "adamw"]),
  lr: positive,
  momentum: share,
  nesterov: z.boolean(),
  weightDecay: z.number().min(0),
  schedule: z.enum(scheduleNames),
  warmupEpochs: z.number().min(0),
  labelSmoothing: share,
  clipNorm: positive.optional(),
  ema: share.optional(),
  /** Where the network's initial weights came from; the network itself is in the run's initial.onnx. */
  init: z.string().optional(),
  /** Parameters that do not learn, as a pattern of their first names: `conv1|layer1`. */
  freeze: z.string().optional(),
  /** Learning rates of others, as multiples of the schedule's, by such patterns; the first that fits counts. */
  lrScale: z.array(z.tuple([z.string(), positive])).optional(),
  augment: z.strictObject({
    pad: z.number().int().min(0),
    flip: z.boolean(),
    cutout: z.number().int().min(0),
  }),
});

/** Everything that decides what a run computes: docs/training.md lists the fields. */
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** How to train, as far as it follows neither from the data nor from the network. */
export const recipeSchema = trainConfigSchema
  .pick({
    epochs: true,
    batch: true,
    optimizer: true,
    lr: true,
    momentum: true,
    nesterov: true,
    weightDecay: true,
    schedule: true,
    warmupEpochs: true,
    labelSmoothing: true,
    clipNorm: true,
    ema: true,
  })
  .partial()
  .extend({ augment: trainConfigSchema.shape.augment.partial().optional() });

/**
 * A record of a run from its file, checked.
 *
 * @throws SenetError `file` for text that is no JSON, or naming the field, what was expected and what was found
 */
export function parseRecord<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let candidate: unknown;
  try {
    candidate = JSON.parse(text);
  } catch (cause) {
    throw new SenetError("file", `${where}: expected JSON, found something else; restore the file.`, {
      cause,
    });
  }
  const result = schema.safeParse(candidate);
  if (result.success) return result.data;
  throw new SenetError("file", `${where}: ${describeIssue(result.error, candidate)}; restore the file.`);
}

/** Every field with its value as JSON, `augment.pad` → `4`; lists are values. */
export function fieldsOf(record: object, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(record).flatMap(([name, value]): [string, string][] => {
      if (value === undefined) return [];
      const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
      return isRecord ? [...fieldsOf(value, `${prefix}${name}.`)] : [[prefix + name, JSON.stringify(value)]];
    }),
  );
}

/**
 * The first issue that a schema found, in this package's words: the field, what was expected, what was found.
 *
 * @example describeIssue(error, { epochs: 0 }) // "expected epochs to be at least 1, found 0"
 */
export function describeIssue(error: z.ZodError, candidate: unknown): string {
  const [issue] = error.issues;
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys;
    const known = field === "augment" ? trainConfigSchema.shape.augment : trainConfigSchema;
    return `expected no field ${field === "" ? key : `${field}.${key}`}, found one${nearest(key, Object.keys(known.shape))}`;
  }
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    candidate,
  );
  const found = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
  return `expected ${field === "" ? "the whole" : field} to be ${expectedBy(issue)}, found ${found}`;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issueTypes[issue.expected] ?? `of type ${issue.expected}`;
    case "too_small":
      return `${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case "too_big":
      return `${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    default:
      return "something else";
  }
}

function unitOf(origin: string, count: number | bigint): string {
  return origin === "array" ? (count === 1 ? " entry" : " entries") : "";
}

const issueTypes: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a record",
};
