import { checkOptions } from "../base/check-options.ts";
import { SenetError } from "../base/errors.ts";
import { limits } from "../files/limits.ts";
import { checkSource } from "./dataset/check-source.ts";
import type { DataSource, Dataset, OpenOptions } from "./dataset/dataset.ts";
import { limitDataset } from "./dataset/limit-dataset.ts";
import { openCifar } from "./formats/cifar-node.ts";
import { dataFormat } from "./formats/data-format-node.ts";
import { embeddedFolder } from "./formats/embedded-node.ts";
import { openIdx } from "./formats/idx-node.ts";
import { openImageFolder } from "./formats/image-folder-node.ts";
import { openParquet } from "./formats/parquet-node.ts";
import type { Fit } from "./images/fit-image.ts";

/**
 * Opens one split of a data set. What lies at the path decides the format: IDX files (MNIST), binary CIFAR
 * files, parquet, or one folder per class; a name such as `fashion-mnist-mini` is an embedded data set
 * (write `./fashion-mnist-mini` for a folder of that name).
 *
 * @throws SenetError "data" when nothing is there, nothing known is there, or what is there is malformed;
 *   "usage" for an impossible size or limit.
 * @example const train = await openDataset({ path: "fashion-mnist-mini", split: "train" });
 */
export async function openDataset(source: DataSource, options: OpenOptions = {}): Promise<Dataset> {
  checkSource(source);
  checkOptions("openDataset", options, ["onProgress"]);
  checkFit(source.fit);
  const format = await dataFormat(source.path);
  const dataset = await openers[format](
    { ...source, path: embeddedFolder(source.path) ?? source.path },
    options,
  );
  return source.limit === undefined ? dataset : limitDataset(dataset, source.limit);
}

const openers = {
  idx: openIdx,
  cifar: openCifar,
  parquet: openParquet,
  "image-folder": openImageFolder,
} as const;

function checkFit(fit: Fit | undefined): void {
  const sides = fit ? [fit.height, fit.width] : [];
  const wrong = sides.find((side) => !(Number.isInteger(side) && side >= 1 && side <= limits.size));
  if (wrong === undefined) return;
  throw new SenetError(
    "usage",
    `size: expected an integer from 1 to ${limits.size}, found ${wrong}; choose another size.`,
  );
}
