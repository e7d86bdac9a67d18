import { type Complexity, complexity, totalsOf } from "../../analysis/complexity.ts";
import { imagesInput } from "../../analysis/images-input.ts";
import type { Counts } from "../../analysis/node-cost.ts";
import { usageError } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../ir/shape.ts";
import { withFileName } from "../../onnx/malformed.ts";
import { type LoadOptions, loadModel } from "./load-model.ts";

/** A network, counted. */
export interface CountedModel {
  readonly name: string;
  /** Shape of the images, or of the first input if it takes none, as counted. */
  readonly input: Shape;
  readonly complexity: Complexity;
}

/**
 * Loads a network and counts it.
 *
 * @throws SenetError as `loadModel`; `usage` for a file whose images have a symbolic size, without `size`
 */
export async function countModel(model: string, options: LoadOptions): Promise<CountedModel> {
  const { graph, name } = await loadModel(model, options);
  const { shape = [] } = imagesInput(graph) ?? graph.inputs[0] ?? {};
  if (shape.slice(1).some((dim) => typeof dim === "string")) {
    throw usageError(
      `${model}: expected images of a known size, found ${formatShape(shape)}; give it, as in --size 224.`,
    );
  }
  const [batch, ...rest] = shape;
  return {
    name,
    input: shape.length === 0 ? [] : [typeof batch === "string" ? 1 : batch, ...rest],
    complexity: withFileName(model, () => complexity(graph)),
  };
}

/** The totals under the names that JSON has. */
export function totalsJson(counts: Complexity): Record<string, number> {
  const { parameters, statistics, se, ...rest } = totalsOf(counts);
  return {
    params: parameters,
    paramsWithStatistics: parameters + statistics,
    ...rest,
    ...seJson(se),
  };
}

/** The counts of a part under the names that JSON has. */
export function countsJson({ parameters, macs, flops, activations, bytesMoved }: Counts) {
  return { params: parameters, macs, flops, activations, bytesMoved };
}

/** The part in SE blocks under the names that JSON has. */
export function seJson({ parameters, macs, flops, activations, bytesMoved }: Counts) {
  return {
    seParams: parameters,
    seMacs: macs,
    seFlops: flops,
    seActivations: activations,
    seBytesMoved: bytesMoved,
  };
}
