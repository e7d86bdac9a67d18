import { readFile } from "node:fs/promises";
import { SenetError } from "../base/errors.ts";

/** Both `src/predict/` and `dist/predict/` lie two levels below the package's root. */
const IMAGENET = new URL("../../assets/imagenet-1k/classes.txt", import.meta.url);

/**
 * A name for each class: those given, else those in the model's file, else ImageNet's for a network of 1,000 classes, else numbers
 * from 0.
 *
 * @throws SenetError `usage` when their number is not that of the classes
 */
export async function labelsFor(
  where: string,
  classCount: number,
  known: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (!known && classCount !== 1000) return Array.from({ length: classCount }, (_, index) => String(index));
  const labels = known ?? (await readFile(IMAGENET, "utf8")).trimEnd().split("\n");
  if (labels.length === classCount) return labels;
  throw new SenetError(
    "usage",
    `${where}: expected ${classCount} \`labels\`, one per class, found ${labels.length}; correct the list.`,
  );
}
