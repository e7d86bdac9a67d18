/**
 * `npx tsx scripts/sweep-se.ts [FAMILY…]`: every kind of SE block at every place of every family: built, counted, trained for a few steps,
 * exported and run by ONNX Runtime. Prints a line for each place, and what failed; exit code 1 if anything did.
 *
 * The tests count all of them and train one family (test/se-variants.test.ts); this takes about half an hour.
 */
import { parseArgs } from "node:util";
import { SenetError } from "../src/base/errors.ts";
import { parametersOf } from "../src/ir/graph.ts";
import { firstNonFinite, zeros } from "../src/ir/tensor.ts";
import { executeGraph } from "../src/runtime/execute-graph-node.ts";
import { firstSteps } from "../test/support/first-steps.ts";
import { buildVariant, type Family, families, placementsOf, variants } from "../test/support/se-sweep.ts";

/** Small: with two images and momentum, a usual rate makes a deep network diverge. */
const RATE = 0.001;

const { positionals } = parseArgs({ allowPositionals: true });
const wanted = families.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let failures = 0;
for (const family of wanted) {
  for (const placement of placementsOf(family)) {
    const found: string[] = [];
    for (const [i, variant] of variants.entries()) {
      process.stderr.write(`\r${family.name}, ${placement}: ${i + 1} of ${variants.length} `);
      const problem = await problemOf(family, buildVariant(family, variant, placement)).catch(refusal);
      if (problem) found.push(`${JSON.stringify(variant.options)}: ${problem}`);
    }
    process.stderr.write("\r\u001b[K");
    console.log(`${family.name}, ${placement}: ${variants.length - found.length} of ${variants.length} pass`);
    for (const line of found) console.log(`  ${line}`);
    failures += found.length;
  }
}
process.exitCode = failures > 0 ? 1 : 0;

/** What our own code refuses, such as a file larger than its format allows, also counts as a failure. */
function refusal(error: unknown): string {
  if (error instanceof SenetError) return error.message;
  throw error;
}

/** What fails when a network is trained, exported and run. */
async function problemOf(
  family: Family,
  graph: ReturnType<typeof buildVariant>,
): Promise<string | undefined> {
  const { logits } = await executeGraph(graph, {
    images: zeros([1, 3, family.size, family.size]),
  });
  if (firstNonFinite(logits) !== undefined) return "logits that are not finite";
  const { losses, reached, finite } = await firstSteps(graph, { steps: 4, batch: 2, rate: RATE });
  const parameters = parametersOf(graph).length;
  if (!finite) return "parameters that are not finite";
  if (reached !== parameters) return `${parameters - reached} parameters that no gradient reached`;
  return (losses.at(-1) ?? 0) < losses[0] ? undefined : `a loss that rose: ${losses.join(", ")}`;
}
