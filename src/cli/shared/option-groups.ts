/** Options that several commands take, and the types of their values. */
import { limits } from "../../files/limits.ts";
import { type FlagsOf, flag, group, option } from "./define-command.ts";
import { decimals, sides, text, whole } from "./parse.ts";

export const threadsOption = option("<n>", "number of threads of the engine", whole({ min: 1, max: 1024 }), {
  defaultText: "one per core",
});

export const forceOption = flag("replace an existing output file");

/** The network itself, for commands that take a model's name or file. */
export const modelOptions = {
  size: option("<n|HxW>", "height and width of the images", sides(), { defaultText: "the model's own" }),
  classes: option("<n>", "number of classes, for a model given by name", whole({ min: 1, max: 1_000_000 }), {
    defaultText: "the model's own",
  }),
};

/** Weights for the network. */
export const weightsOptions = group("Weights:", {
  weights: option("<file|hf:…>", "weights to load: safetensors, .pth, .npz, another .onnx, or hf:OWNER/REPO"),
  offline: flag("with hf:…: use only what has been downloaded before"),
  resetHead: flag(
    "with --weights: a fresh classifier instead of the file's, for a different number of classes",
  ),
  labelOrder: option(
    "<file>",
    "with --weights: the file's class for each class of the network, one number per line",
  ),
});

export type WeightsFlags = FlagsOf<typeof weightsOptions>;

/** The same for commands that `refuseFreshHead` guards, whose help does not offer a fresh classifier. */
export const trainedWeightsOptions = {
  ...weightsOptions,
  resetHead: { ...weightsOptions.resetHead, hidden: true as const },
};

const scaled = "pixels are scaled to [0, 1]";

/** Mean and standard deviation of the pixels of each channel. */
export const normalizationOptions = (defaultText: string) => ({
  mean: option(
    "<list>",
    "mean of each channel, for pixels in [0, 1], separated by commas",
    decimals({ min: 0, max: 1 }, scaled),
    { defaultText },
  ),
  std: option(
    "<list>",
    "standard deviation of each channel, separated by commas",
    decimals({ above: 0, max: 1 }, scaled),
    { defaultText },
  ),
});

/** How images are prepared, for commands that feed a model file. */
export const preprocessingOptions = {
  like: option("<model>", "prepare images as for this model of `senet models`", text, {
    defaultText: "as the file says",
  }),
  ...normalizationOptions("the model's"),
};

export type PreprocessingFlags = FlagsOf<typeof preprocessingOptions>;

/** Size of the images of a data set. */
export const resizeOption = option(
  "<n|HxW>",
  "resize images (of folders and parquet) to this height and width",
  sides(limits.size),
  { defaultText: "the model's" },
);

export const skipBadOption = flag("skip images of a folder that cannot be decoded, and count them");

export const evaluationBatchOption = option(
  "<n>",
  "images read at a time; the network is run on as many as are best",
  whole({ min: 1 }),
  {
    defaultText: "128, or the model's if it is fixed",
  },
);
