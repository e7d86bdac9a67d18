import type { Format } from "./format.ts";
import { dataFormats } from "./formats-of-data.ts";
import { imageFormats } from "./formats-of-images.ts";
import { networkFormats } from "./formats-of-networks.ts";
import { weightsFormats } from "./formats-of-weights.ts";

/** Everything from outside that is read here, by the name that `--format` takes. */
export const formats: Readonly<Record<string, Format>> = {
  ...weightsFormats,
  ...networkFormats,
  ...imageFormats,
  ...dataFormats,
};
