import type { Graph } from "../ir/graph.ts";
import { type Optimized, type OptimizeOptions, optimize } from "../passes/inference/optimize.ts";
import { type TimeModelsOptions, timeModels } from "./time-models-node.ts";

/** One way to rewrite a graph. */
export interface OptimizedForm {
  /** What it is, in a few words. */
  readonly name: string;
  readonly optimized: Optimized;
}

/** A form with the time it takes here. */
export interface MeasuredForm extends OptimizedForm {
  /** Median milliseconds of one run. */
  readonly ms: number;
}

/** Options of `measureForms`; 30 rounds unless otherwise said. */
export type MeasureFormsOptions = Partial<Pick<TimeModelsOptions, "threads" | "rounds" | "onRound">>;

const TIMING = { warmup: 3, budgetMs: 40_000 } as const;

const PLAIN: readonly (readonly [name: string, choices: Omit<OptimizeOptions, "block">])[] = [
  ["blocks as they are", { squeeze: "late" }],
  ["early squeeze", { squeeze: "pointwise" }],
  ["early squeeze, behind 3×3 too", { squeeze: "all" }],
];

/** Gates can scale filters only where they are known early. */
const IN_BLOCKS: typeof PLAIN = [
  ["blocks as they are", { squeeze: "late" }],
  ["early squeeze, channels scaled", { squeeze: "pointwise", scaleFilters: false }],
  ["early squeeze, filters scaled", { squeeze: "pointwise" }],
];

/**
 * The ways to rewrite a graph that may be worth measuring, the plain ones first, then those in the engine's layout, where `block`
 * allows these.
 *
 * @example optimizedForms(net).map(({ name }) => name) // ["blocks as they are", "early squeeze"]
 */
export function optimizedForms(graph: Graph, block?: number): OptimizedForm[] {
  const early = ({ rules }: Optimized) =>
    rules.find(({ rule }) => rule === "early-squeeze")?.applied.length ?? 0;
  const plain = PLAIN.map(([name, choices]) => ({ name, optimized: optimize(graph, choices) }))
    // Where a rule finds nothing more to do, the graph is the one before.
    .filter(({ optimized }, i, all) => i === 0 || early(optimized) > early(all[i - 1].optimized));
  if (block === undefined) return plain;
  const firesPointwise = plain.some(({ name }) => name === "early squeeze");
  const inBlocks = IN_BLOCKS.slice(0, firesPointwise ? undefined : 1).map(([name, choices]) => ({
    name: `${name}, in blocks of ${block}`,
    optimized: optimize(graph, { ...choices, block }),
  }));
  return [...plain, ...inBlocks];
}

/**
 * Times forms of a graph and the graph itself side by side on this machine, for a batch of one where its size is open.
 *
 * @example
 * const { before, forms } = await measureForms(graph, optimizedForms(graph, await probeBlock()));
 * const best = forms.toSorted((a, b) => a.ms - b.ms)[0];
 */
export async function measureForms(
  graph: Graph,
  forms: readonly OptimizedForm[],
  { rounds = 30, ...options }: MeasureFormsOptions = {},
): Promise<{ readonly before: number; readonly forms: MeasuredForm[] }> {
  const [before, ...times] = await timeModels(
    [
      { name: "before", model: graph },
      ...forms.map(({ name, optimized }) => ({ name, model: optimized.graph })),
    ],
    { ...TIMING, rounds, ...options },
  );
  return { before: before.median, forms: forms.map((form, i) => ({ ...form, ms: times[i].median })) };
}
