import { compareComplexity, type Difference } from "../../analysis/compare-complexity.ts";
import type { Complexity } from "../../analysis/complexity.ts";
import { amount, byteAmount, change, grouped, percent } from "../../base/format.ts";
import { formatShape } from "../../ir/shape.ts";
import { formatTable } from "../../report/text-table.ts";
import { type CountedModel, countModel, countsJson, totalsJson } from "../shared/count-model.ts";
import { printJson, printText } from "../shared/print.ts";
import type { CompareFlags } from "./command.ts";

/** `senet compare MODEL|FILE.onnx …`: prints what each costs, and where the differences from the first arise. */
export async function compareModels(names: readonly string[], flags: CompareFlags): Promise<void> {
  const models: CountedModel[] = [];
  for (const name of names) models.push(await countModel(name, flags));
  const [first, ...others] = models;
  if (flags.json) return printJson({ models: models.map((model) => toJson(model, first)) });
  const differences = others.map((model) => differenceTable(model, first));
  printText([totalsTable(models), ...differences, notes(models)].join("\n\n"));
}

function totalsTable(models: readonly CountedModel[]): string {
  const [{ complexity: base }] = models;
  const rows = models.flatMap(({ name, complexity: counts }, i) => {
    const row = [
      name,
      grouped(counts.parameters),
      amount(counts.macs),
      amount(counts.flops),
      amount(counts.paperFlops),
      byteAmount(counts.bytesMoved),
      byteAmount(counts.peakActivationBytes),
      ...shares(counts),
    ];
    const difference = totals.map((what) => change(counts[what], base[what]));
    return i === 0 ? [row] : [row, ["  difference", ...difference, "", "", ""]];
  });
  const columns = ["network", "parameters", "MACs", "FLOPs", "paper's FLOPs", "bytes moved", "peak memory"];
  return formatTable([...columns, "SE parameters", "SE MACs", "SE bytes"], rows);
}

/** What is compared in per cent. */
const totals = [
  "parameters",
  "macs",
  "flops",
  "paperFlops",
  "bytesMoved",
  "peakActivationBytes",
] as const satisfies readonly (keyof Complexity)[];

function shares({ parameters, macs, bytesMoved, se }: Complexity): string[] {
  const share = (part: number, whole: number) => (part === 0 ? "–" : percent(part / whole));
  return [share(se.parameters, parameters), share(se.macs, macs), share(se.bytesMoved, bytesMoved)];
}

function differenceTable(model: CountedModel, first: CountedModel): string {
  const groups = compareComplexity(model.complexity, first.complexity);
  const section = (title: string, parts: readonly Difference[]) => {
    const changed = parts.filter((part) => Object.values(countsJson(part)).some((value) => value !== 0));
    return changed.length === 0 ? [] : [[title], ...changed.map(row)];
  };
  const rows = [
    ...section("by SE blocks", groups.se),
    ...section("by kind of node", groups.kinds),
    ...section("by module", groups.modules),
  ];
  const title = `${model.name} against ${first.name}`;
  if (rows.length === 0) return `${title}: no difference in what is counted.`;
  return formatTable([title, "parameters", "MACs", "FLOPs", "activations", "bytes moved"], rows);
}

function row({ name, parameters, macs, flops, activations, bytesMoved }: Difference): string[] {
  const operations = [macs, flops, activations].map((count) => signed(count, amount));
  return [`  ${name}`, signed(parameters, grouped), ...operations, signed(bytesMoved, byteAmount)];
}

function signed(value: number, format: (value: number) => string): string {
  return `${value > 0 ? "+" : ""}${format(value)}`;
}

function notes(models: readonly CountedModel[]): string {
  const inputs = [...new Set(models.map(({ input }) => formatShape(input)))];
  const shapes =
    inputs.length === 1
      ? `Counts are for an input of ${inputs[0]}`
      : `Inputs differ: ${models.map(({ name, input }) => `${name} ${formatShape(input)}`).join(", ")}`;
  return `${shapes}; 1 MAC = 2 FLOPs; k = 10³, M = 10⁶, G = 10⁹. Differences are against ${models[0].name}.\nBytes moved: what each node reads (weights included) and writes, as if it ran alone.`;
}

function toJson(model: CountedModel, first: CountedModel): unknown {
  const { name, input, complexity: counts } = model;
  const [own, base] = [totalsJson(counts), totalsJson(first.complexity)];
  const named = (parts: readonly Difference[]) =>
    parts.map((part) => ({ name: part.name, ...countsJson(part) }));
  const groups = compareComplexity(model.complexity, first.complexity);
  return {
    model: name,
    input: input.slice(1),
    batch: input[0],
    ...own,
    // As a share of the first network's; null where that has none.
    difference: Object.fromEntries(
      Object.keys(own).map((key) => [key, base[key] === 0 ? null : (own[key] - base[key]) / base[key]]),
    ),
    // In numbers, against the first network.
    where: { se: named(groups.se), kinds: named(groups.kinds), modules: named(groups.modules) },
  };
}
