/**
 * What a network costs: parameters, arithmetic, bytes and memory by node, kind and module; the engine's profile; the paper's tables.
 *
 * @example
 * import { createModel } from "senet";
 * import { compareComplexity, complexity } from "senet/analysis";
 * const [plain, se] = ["resnet50", "seresnet50"].map((name) => complexity(createModel(name)));
 * compareComplexity(se, plain);
 *
 * @module
 */
export {
  type ComplexityDifferences,
  compareComplexity,
  type Difference,
} from "../analysis/compare-complexity.ts";
export { type Complexity, type ComplexityTotals, complexity, type KindCost } from "../analysis/complexity.ts";
export {
  type Latency,
  type LatencyOptions,
  type LatencyTask,
  measureAlternating,
} from "../analysis/latency.ts";
export type { ModuleCost } from "../analysis/module-tree.ts";
export type { Counts, NodeCost } from "../analysis/node-cost.ts";
export {
  type ComparedRow,
  compareLastStage,
  comparePaper,
  type LastStageRemoval,
  type PaperFigure,
} from "../analysis/paper-comparison.ts";
export {
  type KindProfile,
  type ModuleProfile,
  type PartProfile,
  type Profile,
  type ProfileKind,
  type ProfileOptions,
  profileOf,
  type SEShares,
  type Shares,
} from "../analysis/profile.ts";
