import { claimedOperators, type NodeTestResult } from "./onnx-node-tests.ts";

/** The results by operator, as a Markdown table; below it what is not claimed. */
export function conformanceTable(results: readonly NodeTestResult[]): string {
  const count = (verdict: string) => results.filter((result) => result.verdict === verdict).length;
  const claimed = results.filter(({ verdict }) => verdict !== "unclaimed");
  const operators = [...new Set(claimed.map(({ operator }) => operator))].sort();
  const rows = operators.map((operator) => {
    const mine = claimed.filter((result) => result.operator === operator);
    const passed = mine.filter(({ verdict }) => verdict === "passed").length;
    return `| ${operator} | ${mine.length} | ${passed} | ${reasons(mine)} |`;
  });
  const untested = [...claimedOperators].filter((operator) => !operators.includes(operator)).sort();
  const others = new Set(
    results.filter(({ verdict }) => verdict === "unclaimed").map(({ reason }) => reason),
  );
  return [
    `${claimed.length} of ${results.length} tests are for operators that can be read: ${count("passed")} pass, ${count("refused")} are refused with a reason, ${count("failed")} fail.`,
    "",
    "| operator | tests | pass | refused or failing, and why |",
    "|---|---|---|---|",
    ...rows,
    "",
    `Read, but without a test in this release of ONNX: ${untested.join(", ") || "none"}.`,
    "",
    `Not read: ${[...others].sort().join(", ")}.`,
  ].join("\n");
}

/** Why tests do not pass, each reason once with how often it is given. */
function reasons(results: readonly NodeTestResult[]): string {
  const counts = new Map<string, number>();
  for (const { verdict, reason = "" } of results) {
    if (verdict === "passed") continue;
    const text = `${verdict === "failed" ? "fails: " : ""}${reason}`.replaceAll("|", "\\|");
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${count}: ${reason}`).join("; ");
}
