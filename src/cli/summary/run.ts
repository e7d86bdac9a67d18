import type { Complexity } from "../../analysis/complexity.ts";
import type { ModuleCost } from "../../analysis/module-tree.ts";
import { amount, byteAmount, grouped, percent, plural } from "../../base/format.ts";
import { kinds } from "../../ir/operator.ts";
import { formatShape } from "../../ir/shape.ts";
import { formatTable } from "../../report/text-table.ts";
import { countModel, countsJson, seJson, totalsJson } from "../shared/count-model.ts";
import type { Run } from "../shared/define-command.ts";
import { printJson, printText } from "../shared/print.ts";
import type { command } from "./command.ts";

/** Enough for the blocks of a residual network's stages. */
const DEPTH = 2;

/** `senet summary MODEL|FILE.onnx`: prints the tree of its modules, totals, and a table per kind of node. */
export const run: Run<typeof command> = async ([model], flags) => {
  const counted = await countModel(model, flags);
  const { complexity: counts, input } = counted;
  if (flags.json) {
    const depth = flags.depth ?? Number.POSITIVE_INFINITY;
    const [batch, ...image] = input;
    const byKind = kinds.map((kind) => {
      const { nodes, se, ...own } = counts.kinds[kind];
      return [kind, { nodes, ...countsJson(own), ...seJson(se) }];
    });
    const parts = { kinds: Object.fromEntries(byKind), modules: modulesJson(counts.tree, depth) };
    return printJson({ model, input: image, batch, ...totalsJson(counts), ...parts });
  }
  const { seBlocks } = counts;
  const blocks = seBlocks === 0 ? "" : `, ${plural(seBlocks, "SE block")}`;
  const tables = [
    `${model}: input ${formatShape(input)}, ${plural(counts.nodes.length, "node")}${blocks}`,
    treeTable(counts.tree, flags.depth ?? DEPTH),
    totalsTable(counts),
    kindsTable(counts),
    "1 MAC = 2 FLOPs; k = 10³, M = 10⁶, G = 10⁹. Bytes moved: what each node reads (weights included) and writes, as if it ran alone.\nThe paper's FLOPs are MACs, plus one per element of each residual sum and of each map that an SE block squeezes.",
  ];
  printText(tables.filter((table) => table !== "").join("\n\n"));
};

function modulesJson(module: ModuleCost, depth: number): unknown[] {
  if (depth <= 0) return [];
  return module.modules.map((inner) => {
    const { name, path, op, output } = inner;
    const costs = { ...countsJson(inner), ...seJson(inner.se) };
    return { name, path, op, output, ...costs, modules: modulesJson(inner, depth - 1) };
  });
}

function treeTable(root: ModuleCost, depth: number): string {
  const rows: string[][] = [];
  const visit = (module: ModuleCost, level: number) => {
    for (const inner of module.modules) {
      const { name, op, output, parameters, macs, bytesMoved } = inner;
      const indented = `${"  ".repeat(level)}${name}`;
      const cells = [output.join("×"), grouped(parameters), amount(macs), byteAmount(bytesMoved)];
      rows.push([indented, op === name ? "" : describeModule(inner), ...cells]);
      if (level + 1 < depth) visit(inner, level + 1);
    }
  };
  if (depth > 0) visit(root, 0);
  const columns = ["module", "", "output", "parameters", "MACs", "bytes moved"];
  return rows.length === 0 ? "" : formatTable(columns, rows);
}

/** Its operator, or `SE` where all that it does is to squeeze, excite and scale. */
function describeModule({ op, se, bytesMoved, macs }: ModuleCost): string {
  return op ?? (se.bytesMoved === bytesMoved && se.macs === macs && bytesMoved > 0 ? "SE" : "");
}

function totalsTable(counts: Complexity): string {
  const row = (what: string, total: number, se: number | undefined, format: (value: number) => string) => [
    what,
    format(total),
    ...(se === undefined ? ["", ""] : [format(se), percent(total === 0 ? 0 : se / total)]),
  ];
  const { parameters, statistics, macs, flops, activations, bytesMoved } = counts;
  const rows = [
    row("parameters", parameters, counts.se.parameters, grouped),
    row("  and BatchNorm statistics", parameters + statistics, undefined, grouped),
    row("MACs", macs, counts.se.macs, amount),
    row("FLOPs", flops, counts.se.flops, amount),
    row("FLOPs as the paper counts", counts.paperFlops, undefined, amount),
    row("activations", activations, counts.se.activations, amount),
    row("bytes moved", bytesMoved, counts.se.bytesMoved, byteAmount),
    row("peak activation memory", counts.peakActivationBytes, undefined, byteAmount),
  ];
  if (counts.seBlocks > 0) return formatTable(["total", "", "in SE blocks", "share"], rows);
  return formatTable(
    ["total", ""],
    rows.map((cells) => cells.slice(0, 2)),
  );
}

function kindsTable(counts: Complexity): string {
  const withSE = counts.seBlocks > 0;
  const rows = kinds.flatMap((kind) => {
    const { nodes, se, parameters, macs, flops, activations, bytesMoved } = counts.kinds[kind];
    if (nodes === 0) return [];
    const cells = [grouped(nodes), grouped(parameters), ...[macs, flops, activations].map(amount)];
    const share = bytesMoved === 0 ? "–" : percent(se.bytesMoved / bytesMoved);
    return [[kind, ...cells, byteAmount(bytesMoved), ...(withSE ? [share] : [])]];
  });
  const columns = ["kind", "nodes", "parameters", "MACs", "FLOPs", "activations", "bytes moved"];
  return formatTable([...columns, ...(withSE ? ["bytes in SE"] : [])], rows);
}
