import { kinds } from "../ir/operator.ts";
import type { Complexity } from "./complexity.ts";
import { addCounts, type Counts, subtractCounts } from "./node-cost.ts";

/** A difference of one part of two networks. */
export interface Difference extends Counts {
  readonly name: string;
}

/** Where two networks differ. Each list adds up to the whole difference. */
export interface ComplexityDifferences {
  /** `in SE blocks` and `elsewhere`. */
  readonly se: readonly Difference[];
  /** By kind of node. */
  readonly kinds: readonly Difference[];
  /** By outermost module, those of both networks. */
  readonly modules: readonly Difference[];
}

/**
 * What a network costs more than another one, and where: positive numbers are more.
 *
 * @example compareComplexity(complexity(createModel("seresnet50")), complexity(createModel("resnet50"))).se[0].parameters // 2_530_992
 */
export function compareComplexity(counts: Complexity, base: Complexity): ComplexityDifferences {
  const inBlocks = subtractCounts(counts.se, base.se);
  const modules = new Set([...base.tree.modules, ...counts.tree.modules].map(({ name }) => name));
  return {
    se: [
      { name: "in SE blocks", ...inBlocks },
      { name: "elsewhere", ...subtractCounts(subtractCounts(counts, base), inBlocks) },
    ],
    kinds: kinds.map((name) => ({ name, ...subtractCounts(counts.kinds[name], base.kinds[name]) })),
    modules: [...modules].map((name) => ({
      name,
      ...subtractCounts(moduleCounts(counts, name), moduleCounts(base, name)),
    })),
  };
}

/** Of the outermost modules of that name: operations between them, such as `Relu`, may share one. */
function moduleCounts({ tree }: Complexity, name: string): Counts {
  return addCounts(tree.modules.filter((part) => part.name === name));
}
