import { Option } from "commander";
import { expect, it } from "vitest";
import { withOptions } from "./failure.ts";

it("a parameter that the library names becomes the command's option of that name", () => {
  const options = [new Option("--size <n>"), new Option("--reset-head"), new Option("--debug")];
  expect(withOptions("give `size` or `resetHead`, not `depth`", options)).toBe(
    "give --size or --reset-head, not `depth`",
  );
  expect(withOptions("`cause` tells more than `senet models`", options)).toBe(
    "--debug tells more than `senet models`",
  );
  expect(withOptions("`cause` tells more", [])).toBe("`cause` tells more");
  expect(withOptions("`listModels()` lists all", options)).toBe("`senet models` lists all");
});
