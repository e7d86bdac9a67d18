/** How the range that 255 steps cover is chosen from what was met. */
export const calibrationMethods = ["min-max", "percentile", "mse", "entropy"] as const;

export type CalibrationMethod = (typeof calibrationMethods)[number];
