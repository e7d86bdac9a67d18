import type { Value } from "../../ir/graph.ts";

/**
 * The stage of each of some maps in the order of their network: all maps of one height and width are a stage. The first is stage 2,
 * as in the paper, where ResNet's stem is stage 1.
 */
export function stagesOf(maps: readonly Value[]): number[] {
  const sizes = maps.map(({ shape }) => shape.slice(2).join("×"));
  const distinct = [...new Set(sizes)];
  return sizes.map((size) => distinct.indexOf(size) + 2);
}
