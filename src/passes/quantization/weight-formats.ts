/** How weights may be stored for a smaller file. */
export const weightFormats = ["int8", "fp16"] as const;

export type WeightFormat = (typeof weightFormats)[number];
