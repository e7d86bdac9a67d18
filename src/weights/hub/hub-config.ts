import { z } from "zod";
import { badFile } from "../../files/bad-file.ts";

/** What is used of the configuration that timm writes beside its weights (`pretrained_cfg`), under this package's names. */
export interface TimmConfig {
  /** timm's name of the network. */
  readonly architecture?: string;
  /** Per channel, of RGB pixels from 0 to 1. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly interpolation?: "bilinear" | "bicubic";
  readonly cropFraction?: number;
  /** Channels, height, width that it was trained with. */
  readonly input?: readonly [number, number, number];
  /** Larger images at which timm reports its accuracy, and how they are cropped. */
  readonly testInput?: readonly [number, number, number];
  readonly testCropFraction?: number;
  readonly classes?: number;
  /** Names of the classes. */
  readonly labels?: readonly string[];
}

/** The error of what only the repository's owner can mend. */
export const badInRepository = badFile("report it to the repository's owner");

/** Most classes that a configuration may name. */
const MAX_CLASSES = 1_000_000;

const side = z.number().int().min(1).max(65_536);
const size = z.tuple([side, side, side]).nullish();
const crop = z.number().min(0.1).max(1).nullish();
const channels = z.array(z.number()).min(1).max(4).nullish();
const classes = z.number().int().min(0).max(MAX_CLASSES).nullish();
// A dictionary, which timm also allows, has no order.
const labels = z.array(z.string()).max(MAX_CLASSES).nullish().catch(undefined);

const pretrainedSchema = z.object({
  mean: channels,
  std: z.array(z.number().positive()).min(1).max(4).nullish(),
  interpolation: z.enum(["bilinear", "bicubic"]).nullish(),
  crop_pct: crop,
  input_size: size,
  test_input_size: size,
  test_crop_pct: crop,
  num_classes: classes,
  label_names: labels,
  labels,
});

const configSchema = z.object({
  architecture: z.string().nullish(),
  num_classes: classes,
  label_names: labels,
  pretrained_cfg: pretrainedSchema,
});

/**
 * timm's configuration in a repository's `config.json`. As in timm, the outer count and names of classes win over those of `pretrained_cfg`,
 * and old files have everything outside.
 *
 * @returns nothing for another library's configuration
 */
export function parseTimmConfig(text: string, what: string): TimmConfig | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw badInRepository(what, "expected JSON, found other text", cause);
  }
  if (typeof raw !== "object" || raw === null) return undefined;
  if (!("pretrained_cfg" in raw || "architecture" in raw)) return undefined;
  const parsed = configSchema.safeParse("pretrained_cfg" in raw ? raw : { ...raw, pretrained_cfg: raw });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badInRepository(
      what,
      `expected timm's configuration, found another value of ${issue.path.join(".")}`,
      parsed.error,
    );
  }
  return configOf(parsed.data);
}

function configOf({ pretrained_cfg: inner, ...outer }: z.infer<typeof configSchema>): TimmConfig {
  const all = {
    architecture: outer.architecture,
    mean: inner.mean,
    std: inner.std,
    interpolation: inner.interpolation,
    cropFraction: inner.crop_pct,
    input: inner.input_size,
    testInput: inner.test_input_size,
    testCropFraction: inner.test_crop_pct,
    // 0 stands for a network without classifier.
    classes: (outer.num_classes ?? inner.num_classes) || undefined,
    labels: outer.label_names ?? inner.label_names ?? inner.labels,
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given) as TimmConfig;
}
