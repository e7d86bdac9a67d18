import * as all from "./all.ts";

/** Every operator this package knows, by its ONNX name. */
export const operators = { ...all };

/** Name of an operator in the table. */
export type OperatorName = keyof typeof operators;

/** The operators of our own domain, each to be written in others before an engine can run it. */
export type Composite = {
  [K in OperatorName]: (typeof operators)[K]["domain"] extends "senet" ? K : never;
}[OperatorName];
