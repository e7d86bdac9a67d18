/**
 * `npm run fuzz -- [--format NAME,…] [--count 10000] [--seed 1] [--from 0] [--seconds 10] [--memory 1024] [--out runs/fuzz]`:
 * damages small files of every format that is read, and reads each completely. A file may be read or be refused with one sentence;
 * another error, a crash, more than the given seconds or MiB of memory are findings. Their files are kept in the folder, and
 * `--format NAME --seed N --from INDEX --count 1` repeats one. Exits with 1 where something is found.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nearest } from "../src/base/errors.ts";
import { createProgress } from "../src/cli/shared/progress.ts";
import { damagedFile } from "./fuzz/damaged-file.ts";
import type { Outcome } from "./fuzz/format.ts";
import { formats } from "./fuzz/formats.ts";
import { watch } from "./fuzz/watch.ts";

const { values } = parseArgs({
  options: {
    format: { type: "string", default: Object.keys(formats).join() },
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    seconds: { type: "string", default: "10" },
    memory: { type: "string", default: "1024" },
    out: { type: "string", default: "runs/fuzz" },
  },
});
const number = (name: "count" | "seed" | "from" | "seconds" | "memory") => {
  if (/^\d+$/.test(values[name])) return Number(values[name]);
  throw new Error(`fuzz: --${name}: expected a whole number, found "${values[name]}".`);
};
const [seed, from, seconds] = [number("seed"), number("from"), number("seconds")];
const to = from + number("count");
const progress = createProgress();
// What this process and those that read put aside goes with it, also after they were killed.
const scratch = mkdtempSync(join(tmpdir(), "senet-fuzz-"));
process.env.TMPDIR = scratch;
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

console.log(
  "| format | files | read | refused | findings | longest | most memory |\n|---|---|---|---|---|---|---|",
);
for (const format of values.format.split(",")) {
  if (!Object.hasOwn(formats, format)) {
    console.error(`fuzz: format "${format}" is not known${nearest(format, Object.keys(formats))}.`);
    process.exit(2);
  }
  await search(format);
}

async function search(format: string): Promise<void> {
  const seeds = await formats[format].seeds();
  const counts = { read: 0, refused: 0, finding: 0 };
  let [ms, bytes] = [0, 0];
  const onOutcome = (outcome: Outcome) => {
    counts[outcome.result]++;
    ms = Math.max(ms, outcome.ms);
    bytes = Math.max(bytes, outcome.peakBytes);
    if (outcome.result === "finding") keep(seeds, format, outcome);
    progress.update(
      () => `${format}: file ${outcome.index + 1 - from} of ${to - from}, ${counts.finding} findings`,
    );
  };
  const module = new URL("fuzz/formats.ts", import.meta.url).href;
  const maxBytes = number("memory") * 2 ** 20;
  await watch({ module, format, seed, from, to, maxBytes, seconds, onOutcome });
  progress.end();
  const { read, refused, finding } = counts;
  const memory = `${Math.round(bytes / 2 ** 20)} MiB`;
  console.log(
    `| ${[format, to - from, read, refused, finding, `${(ms / 1000).toFixed(2)} s`, memory].join(" | ")} |`,
  );
}

/** Saves the file, and what was found beside it. */
function keep(seeds: readonly Uint8Array[], format: string, { index, reason = "" }: Outcome): void {
  process.exitCode = 1;
  const path = join(values.out, `${format}-${seed}-${index}`);
  progress.line(`${path}: ${reason.split("\n")[0]}`);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(`${path}.txt`, `${reason}\n`);
  writeFileSync(path, damagedFile(seeds, format, seed, index));
}
