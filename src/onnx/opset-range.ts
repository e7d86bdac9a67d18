/** Oldest and newest version of the ONNX operator set that can be written. */
export const opsetRange = { min: 18, max: 22 } as const;
