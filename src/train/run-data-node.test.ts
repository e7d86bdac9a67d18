import { afterAll, beforeAll, expect, it } from "vitest";
import { imageBytes, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { type Fit, squareFit } from "../data/images/fit-image.ts";
import { openData } from "../data/loader/loader-node.ts";
import { configureRun } from "./configure-run-node.ts";
import { openRunData } from "./run-data-node.ts";

const folder = temporaryFolder();
const path = `${folder.path}/images`;
beforeAll(async () => {
  for (const split of ["train", "test"]) {
    for (const name of ["red", "blue"])
      folder.write({ [`images/${split}/${name}/1.png`]: await imageBytes(9, 12, name) });
  }
});
afterAll(() => folder.remove());

const bicubic = { cropFraction: 1, interpolation: "bicubic" } as const;

it.each<[what: string, fit: Fit, remembered: object]>([
  ["a size", squareFit(8), { size: 8 }],
  [
    "a size in another interpolation",
    { ...bicubic, height: 8, width: 8 },
    { size: 8, interpolation: "bicubic" },
  ],
  ["what a network needs", { ...bicubic, height: 8, width: 6 }, { interpolation: "bicubic" }],
])("an earlier run's images are read again as then: %s", async (_, fit, remembered) => {
  await using data = await openData(path, { fit, limit: 2, skipBad: true });
  const { config } = await configureRun("resnet8", data);
  expect(config.data).toMatchObject({ path, limit: 2, skipBad: true, ...remembered });
  await using again = await openRunData({ ...config, init: "weights" });
  expect(again.sources).toEqual(data.sources);
});
