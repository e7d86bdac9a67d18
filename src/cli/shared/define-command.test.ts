import { Command } from "commander";
import { expect, expectTypeOf, it } from "vitest";
import { defineCommand, flag, group, negation, option, type Run, setUp } from "./define-command.ts";
import { oneOf, text, whole } from "./parse.ts";

const command = defineCommand({
  summary: "try",
  description: "Try.",
  arguments: [
    ["<in>", "a file"],
    ["[more...]", "others"],
  ],
  options: {
    topK: option("<n>", "how many", whole({ min: 1 }), { default: 5 }),
    out: option("<file>", "output", text, { short: "o", defaultText: "stdout" }),
    flip: negation("no flips", "flips"),
    ...group("Rest:", {
      mode: option("<name>", "mode", oneOf(["a", "b"])),
      force: flag("replace"),
      pattern: option("<p>", "repeatable", (one: string, _: string, before: string[] = []) => [
        ...before,
        one,
      ]),
    }),
  },
});

/** What `run` receives for some arguments, and the help. */
async function received(...args: string[]): Promise<{ with: unknown[]; help: string }> {
  let found: unknown[] = [];
  const run: Run<typeof command> = async ([file, more], flags, given) => {
    expectTypeOf(file).toEqualTypeOf<string>();
    expectTypeOf(more).toEqualTypeOf<string[]>();
    expectTypeOf(flags.topK).toEqualTypeOf<number>();
    expectTypeOf(flags.flip).toEqualTypeOf<boolean>();
    expectTypeOf(flags.mode).toEqualTypeOf<"a" | "b" | undefined>();
    expectTypeOf(flags.json).toEqualTypeOf<true | undefined>();
    found = [file, more, flags, [...given].sort()];
  };
  const root = new Command("try").exitOverride();
  setUp(root, command, async () => ({ run }));
  await root.parseAsync(args, { from: "user" });
  return { with: found, help: root.helpInformation() };
}

it("gives the values of options, by their names in camel case, and which were given", async () => {
  expect((await received("x")).with).toEqual(["x", [], { topK: 5, flip: true }, []]);
  const given = ["--top-k", "3", "-o", "y", "--no-flip", "--mode", "b", "--force", "--json"];
  expect((await received("x", "z", ...given, "--pattern", "p", "--pattern", "q")).with).toEqual([
    "x",
    ["z"],
    { topK: 3, out: "y", flip: false, mode: "b", force: true, json: true, pattern: ["p", "q"] },
    ["flip", "force", "json", "mode", "out", "pattern", "topK"],
  ]);
});

it("a wrong value names its option", async () => {
  await expect(received("x", "--top-k", "0")).rejects.toThrow(
    '--top-k: expected a whole number of at least 1, found "0"; correct it.',
  );
});

it("the help shows defaults and headings", async () => {
  const { help } = await received("x");
  for (const line of [
    "how many (default: 5)",
    "-o, --out <file>",
    "output (default: stdout)",
    "no flips (default: flips)",
  ]) {
    expect(help).toContain(line);
  }
  expect(help.slice(help.indexOf("Rest:"))).toContain("--mode <name>");
});
