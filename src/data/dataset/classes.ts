import { SenetError } from "../../base/errors.ts";
import { listOf } from "../../base/format.ts";

/** Class names "0", "1", …, for sources that only number their classes: one more than the largest label. */
export function numberedClasses(labels: Int32Array): string[] {
  let max = 0;
  for (const label of labels) max = Math.max(max, label);
  return Array.from({ length: max + 1 }, (_, label) => String(label));
}

/**
 * The classes that both splits share. Numbered classes are only as many as the largest label that was seen,
 * so there the longer list holds for both; named classes must be the same, in the same order.
 */
export function sharedClasses(train: readonly string[], test: readonly string[]): readonly string[] {
  if (isNumbered(train) && isNumbered(test)) return train.length >= test.length ? train : test;
  const same = train.length === test.length && train.every((name, index) => name === test[index]);
  if (same) return train;
  const missing = train.filter((name) => !test.includes(name));
  const extra = test.filter((name) => !train.includes(name));
  const difference = [
    missing.length > 0 ? `only in training: ${listNames(missing)}` : "",
    extra.length > 0 ? `only in test: ${listNames(extra)}` : "",
  ].filter((part) => part !== "");
  if (difference.length === 0) difference.push("the order differs");
  throw new SenetError(
    "data",
    `Test data: expected the ${train.length} classes of the training data, found ${test.length} (${difference.join("; ")}); give both splits the same classes.`,
  );
}

/** Checks that a label is an integer in 0 … `classCount` − 1. */
export function checkLabel(label: number, classCount: number, where: string): void {
  if (Number.isInteger(label) && label >= 0 && label < classCount) return;
  throw new SenetError(
    "data",
    `${where}: expected a label from 0 to ${classCount - 1}, found ${label}; the file is damaged or is not of this kind.`,
  );
}

/** At most ten names, quoted, for error messages. */
export function listNames(names: readonly string[]): string {
  return listOf(
    names.map((name) => `"${name}"`),
    10,
  );
}

function isNumbered(classes: readonly string[]): boolean {
  return classes.every((name, index) => name === String(index));
}
