import { createModel } from "../models/create-model.ts";
import { complexity } from "./complexity.ts";
import { lastStageRemoval, paperFigures } from "./paper-figures.ts";

/** 10⁹ operations and a count of numbers; null where the paper prints none. */
export interface PaperFigure {
  readonly gflops: number | null;
  readonly params: number | null;
}

/** A printed row beside what is counted here. */
export interface ComparedRow {
  readonly table: string;
  readonly name: string;
  /** The network here. */
  readonly model: string;
  readonly paper: PaperFigure;
  readonly ours: { readonly gflops: number; readonly params: number };
  /** Whether ours, rounded as the paper rounds, is what it prints, figure by figure; null where it prints none. */
  readonly agrees: { readonly gflops: boolean | null; readonly params: boolean | null };
  /** Why not, where it does not. */
  readonly reason?: string;
}

/**
 * Counts every network of the paper's complexity tables as the paper does: operations by `Complexity.paperFlops`, parameters with
 * BatchNorm's running statistics, except in Table 3.
 *
 * @example comparePaper().filter(({ agrees }) => agrees.gflops === false).map(({ name }) => name)
 */
export function comparePaper(): ComparedRow[] {
  return paperFigures.map((row) => {
    const { table, name, model, se, gflops, mflops, reason } = row;
    const count = complexity(createModel(model, se === undefined ? {} : { se }));
    // Table 3 takes its figures over from others, who count what is learned only.
    const numbers = count.parameters + (table === "3" ? 0 : count.statistics);
    const operations = gflops === undefined ? printed(mflops, 1e6) : printed(gflops, 1e9);
    const params = printed(row.params, 1e6);
    return {
      table,
      name,
      model,
      paper: { gflops: operations && operations.value / 1e9, params: params?.value ?? null },
      ours: { gflops: count.paperFlops / 1e9, params: numbers },
      agrees: {
        gflops: operations?.is(count.paperFlops) ?? null,
        params: params?.is(numbers) ?? null,
      },
      ...(reason !== undefined && { reason }),
    };
  });
}

/** A printed figure: its value, and whether a count rounds to it. */
function printed(text: string | undefined, unit: number) {
  if (text === undefined) return null;
  const decimals = text.split(".")[1]?.length ?? 0;
  return {
    value: Math.round(Number(text) * unit),
    is: (count: number) => (count / unit).toFixed(decimals) === text,
  };
}

/** What is left of SE-ResNet-50's additional weights without the blocks of the last stage. */
export interface LastStageRemoval {
  /** Additional weights of all blocks, and of all but the last stage's; without biases, as in the paper's ablations. */
  readonly allWeights: number;
  readonly weights: number;
  /** The same as a share of ResNet-50's parameters. */
  readonly allShare: number;
  readonly share: number;
  /** The paper's formula, and what it says of the share. */
  readonly paper: { readonly weights: number; readonly share: number };
  readonly agrees: boolean;
}

/**
 * Counts what dropping the last stage's SE blocks saves (the paper's section 4).
 *
 * @example compareLastStage().share // of ResNet-50's parameters, without the last stage's blocks
 */
export function compareLastStage(): LastStageRemoval {
  const { model, se, weights: exact, percent } = lastStageRemoval;
  const plain = complexity(createModel(model, { se: false })).parameters;
  const all = complexity(createModel(model, { se: { bias: false } })).parameters - plain;
  const weights = complexity(createModel(model, { se })).parameters - plain;
  return {
    allWeights: all,
    weights,
    allShare: all / plain,
    share: weights / plain,
    paper: { weights: exact, share: Number(percent) / 100 },
    agrees: weights === exact && ((100 * weights) / plain).toFixed(2) === percent,
  };
}
