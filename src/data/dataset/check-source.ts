import { checkOptions } from "../../base/check-options.ts";
import { usageError } from "../../base/errors.ts";
import type { DataSource } from "./dataset.ts";

/**
 * Checks the source of a data set, which programs without types may get wrong.
 *
 * @throws SenetError `usage`
 */
export function checkSource(source: DataSource): void {
  checkOptions("Data source", source, ["path", "split", "fit", "skipBad", "limit"]);
  const { path, split } = source;
  if (typeof path !== "string") {
    throw usageError(
      `Data source: expected a path or the name of an embedded data set, found ${String(path)}; give one.`,
    );
  }
  if (split === "train" || split === "test") return;
  throw usageError(`${path}: expected the split "train" or "test", found ${String(split)}; choose one.`);
}
