/** How weights may be stored for a smaller file. */
export const weightFormats = ["int8", "fp16"] as const;

/** One of `weightFormats`. */
export type WeightFormat = (typeof weightFormats)[number];
