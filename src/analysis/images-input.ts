import type { Graph, Value } from "../ir/graph.ts";

/** The input that holds images: the first of four dimensions, [N,C,H,W]. Undefined when there is none. */
export function imagesInput({ inputs }: Graph): Value | undefined {
  return inputs.find(({ shape }) => shape.length === 4);
}
