/** How the range that 255 steps cover is chosen from what was met. */
export const calibrationMethods = ["min-max", "percentile", "mse", "entropy"] as const;

/** One of `calibrationMethods`. */
export type CalibrationMethod = (typeof calibrationMethods)[number];
