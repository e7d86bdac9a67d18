import { usageError } from "../../base/errors.ts";
import type { DataFormat } from "../../data/formats/data-format-node.ts";

const formatNames: Readonly<Record<DataFormat, string>> = {
  idx: "IDX files",
  cifar: "CIFAR files",
  parquet: "parquet",
  "image-folder": "an image folder",
};

/**
 * Refuses options on images that the data at `path` cannot follow.
 *
 * @throws SenetError `usage`; as `dataFormat` when there is no data
 */
export async function checkDataFlags(
  path: string,
  { size, skipBad = false }: { readonly size?: unknown; readonly skipBad?: boolean | undefined },
): Promise<void> {
  if (size === undefined && !skipBad) return;
  const { dataFormat } = await import("../../data/formats/data-format-node.ts");
  const format = await dataFormat(path);
  const found = `found ${formatNames[format]} at ${path}; leave it out`;
  if (skipBad && format !== "image-folder") throw usageError(`--skip-bad works for image folders, ${found}.`);
  if (size !== undefined && (format === "idx" || format === "cifar")) {
    throw usageError(`--size works for image folders and parquet, ${found}.`);
  }
}
