import { z } from "zod";
import { SenetError } from "../base/errors.ts";
import type { Value } from "../ir/graph.ts";
import { formatShape } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import { fieldsOf, type TrainConfig, trainConfigSchema } from "./config.ts";

/**
 * The position of a run. Together with the tensors and the configuration this is all that is needed to continue exactly:
 * shuffling, augmentation and dropout draw from streams named by seed, epoch and step, so the position is their state too.
 */
const positionSchema = z.strictObject({
  /** Epoch to go on with, from 0, and its first batch not yet trained on. */
  epoch: z.number().int().min(0),
  batch: z.number().int().min(0),
  /** Steps done; the schedule's position. */
  step: z.number().int().min(0),
  /** Sums over the batches of the unfinished epoch. */
  tally: z.strictObject({ samples: z.number(), loss: z.number(), top1: z.number(), top5: z.number() }),
  best: z.strictObject({ epoch: z.number().int(), top1: z.number() }).nullable(),
});

export type Position = z.infer<typeof positionSchema>;

const FORMAT = "senet checkpoint 1";

/** What a checkpoint file says besides its tensors: where the run stands and how it was configured, both as JSON. */
export function checkpointMetadata(config: TrainConfig, position: Position): Record<string, string> {
  return {
    format: FORMAT,
    model: config.model,
    position: JSON.stringify(position),
    config: JSON.stringify(config),
  };
}

/**
 * The position a checkpoint was saved at, after checking that it was made with `config` and that its tensors are
 * those that its step needs.
 *
 * @throws SenetError `checkpoint` when it is another model's or another configuration's, or no checkpoint
 */
export function checkCheckpoint(
  { tensors, metadata }: { tensors: ReadonlyMap<string, Tensor>; metadata: Readonly<Record<string, string>> },
  config: TrainConfig,
  slots: readonly Value[],
  where: string,
): Position {
  checkConfig(metadata, config, where);
  for (const { name = "", shape } of slots) {
    const found = tensors.get(name);
    if (!found || formatShape(found.shape) !== formatShape(shape)) {
      throw new SenetError(
        "checkpoint",
        `${where}: expected a tensor "${name}" of shape ${formatShape(shape)}, found ${found ? formatShape(found.shape) : "none"}; the checkpoint was made with other options.`,
      );
    }
  }
  return parse(positionSchema, metadata.position, "the position of the run", where);
}

/** What may differ between a configuration and its checkpoint: data may have moved, and another engine may be asked for to go on. */
const FREE: ReadonlySet<string> = new Set(["data.path", "engine", "formerEngines"]);

/**
 * Checks that a checkpoint was made with `config`, but for what may differ.
 *
 * @throws SenetError `checkpoint` naming the first field that differs, or when it is no checkpoint
 */
export function checkConfig(
  metadata: Readonly<Record<string, string>>,
  config: TrainConfig,
  where: string,
): void {
  if (metadata.format !== FORMAT) {
    throw new SenetError(
      "checkpoint",
      `${where}: expected a checkpoint of a training run, found a file of another kind; pass the folder of a run.`,
    );
  }
  if (metadata.model !== config.model) {
    throw new SenetError(
      "checkpoint",
      `${where}: expected a checkpoint of ${config.model}, found one of ${metadata.model}; resume it with its own model.`,
    );
  }
  const own = fieldsOf(config);
  const saved = fieldsOf(configOf(metadata, where));
  for (const field of new Set([...own.keys(), ...saved.keys()])) {
    if (FREE.has(field) || own.get(field) === saved.get(field)) continue;
    throw new SenetError(
      "checkpoint",
      `${where}: expected ${field} ${saved.get(field) ?? "left out"} in config.json, as in the checkpoint, found ${own.get(field) ?? "none"}; restore config.json or start a new run.`,
    );
  }
}

/** The configuration that a checkpoint was saved with. */
export function configOf(metadata: Readonly<Record<string, string>>, where: string): TrainConfig {
  return parse(trainConfigSchema, metadata.config, "the configuration in the checkpoint", where);
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined, what: string, where: string): T {
  try {
    return schema.parse(JSON.parse(text ?? ""));
  } catch (cause) {
    throw new SenetError("checkpoint", `${where}: ${what} is not readable; start the run again.`, { cause });
  }
}
