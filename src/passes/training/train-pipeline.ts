import type { Graph } from "../../ir/graph.ts";
import { lower } from "../lower/lower.ts";
import { fuseSums } from "../nchwc/fuse-sums.ts";
import { nchwcConvolutions } from "../nchwc/nchwc-convolutions.ts";
import { nchwcSums } from "../nchwc/nchwc-sums.ts";
import { convToMatMul } from "./conv-to-mat-mul.ts";
import { flattenScaled } from "./flatten-scaled.ts";
import { foldExpands } from "./fold-expands.ts";

type Pass = (graph: Graph) => Graph;

/**
 * The passes that bring a differentiated training step to the operators in which the engine runs it fastest, in order. As `optimize`
 * does for inference, they change nothing of what is computed but its rounding.
 *
 * @param block channels in a block of the engine's own layout (`probeBlock`); without it no operators internal to the engine are used
 */
export function trainPipeline(block?: number): readonly Pass[] {
  const nchwc: Pass[] =
    block === undefined
      ? []
      : [
          (graph) => nchwcSums(graph, block),
          (graph) => fuseSums(graph, block),
          (graph) => nchwcConvolutions(graph, block),
        ];
  return [lower, convToMatMul, foldExpands, flattenScaled, ...nchwc];
}
