import { expect, it } from "vitest";
import { messageOf } from "../../test/support/data-fixtures.ts";
import { config } from "../../test/support/train-config.ts";
import { parseRecord, trainConfigSchema } from "./config.ts";

const parse = (candidate: unknown) =>
  parseRecord(trainConfigSchema, JSON.stringify(candidate), "config.json");

it("takes what it wrote", () => {
  expect(parse(config)).toEqual(config);
});

it.each<[changes: object, sentence: string]>([
  [{ epochs: 1.5 }, "expected epochs to be a whole number, found 1.5"],
  [{ epochs: 0 }, "expected epochs to be at least 1, found 0"],
  [{ lr: 0 }, "expected lr to be above 0, found 0"],
  [{ lr: "0.1" }, 'expected lr to be a number, found "0.1"'],
  [{ momentum: 2 }, "expected momentum to be at most 1, found 2"],
  [{ model: undefined }, "expected model to be text, found nothing"],
  [{ classes: [] }, "expected classes to be at least 1 entry, found []"],
  [{ input: [1, 8, "8"] }, 'expected input.2 to be a number, found "8"'],
  [{ optimizer: "adam" }, 'expected optimizer to be "sgd" or "adamw", found "adam"'],
  [{ augment: { pad: 1, flip: 1, cutout: 0 } }, "expected augment.flip to be true or false, found 1"],
  [{ augment: { ...config.augment, turn: 90 } }, "expected no field augment.turn, found one"],
  [{ color: 1 }, 'expected no field color, found one (did you mean "colorOrder"?)'],
])("%j is told by field", async (changes, sentence) => {
  expect(await messageOf(() => parse({ ...config, ...changes }))).toBe(
    `file: config.json: ${sentence}; restore the file.`,
  );
});

it("something that is no record is told", async () => {
  expect(await messageOf(() => parse([]))).toBe(
    "file: config.json: expected the whole to be a record, found []; restore the file.",
  );
});
