import { SenetError } from "../../base/errors.ts";
import { describe, type Value } from "../../ir/graph.ts";

/**
 * Throws unless all floats among some values are float32, of which everything is made that passes add to a network.
 *
 * @param where begins the sentence
 * @throws SenetError `graph` naming the first value of another type
 * @example checkFloat32(parametersOf(graph), "Training resnet20")
 */
export function checkFloat32(values: readonly Value[], where: string): void {
  const other = values.find(({ dtype }) => dtype === "float16" || dtype === "float64");
  if (!other) return;
  throw new SenetError(
    "graph",
    `${where}: expected float32, found ${other.dtype} in ${describe(other)}; convert the network to float32 first (in PyTorch: model.float()).`,
  );
}
