import { reasonOf, SenetError } from "../../base/errors.ts";
import { type Graph, type Node, Value } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import { type Uses, usesOf } from "../../ir/uses.ts";
import { rebuild } from "./rebuild.ts";

/**
 * The graph with a symbol for the first dimension of its inputs, so that any number of images fits: exporters often fix it at 1.
 * A `Reshape` to a shape that begins with the old number copies the dimension instead.
 *
 * @throws SenetError `graph` when the number is built into the network in another way
 * @example makeBatchDynamic(readOnnx(bytes)).inputs[0].shape // ["N", 3, 224, 224]
 */
export function makeBatchDynamic(graph: Graph, symbol = "N"): Graph {
  const [batch] = graph.inputs[0]?.shape ?? [];
  if (typeof batch !== "number") return graph;
  const uses = usesOf(graph);
  try {
    const freed = rebuild(graph, {
      leaf(value) {
        if (value.role !== "input" || value.shape[0] !== batch) return value;
        return new Value(value.role, value.dtype, [symbol, ...value.shape.slice(1)], value);
      },
      node(b, node, inputs) {
        const target = copyingTarget(node, batch, uses);
        return target && b.ops(node.op, [inputs[0], b.constant(target)], node.attrs);
      },
    });
    const fixed = freed.outputs.find(({ value }) => value.shape[0] !== symbol);
    if (!fixed) return freed;
    throw new SenetError("graph", `output ${fixed.name} is ${formatShape(fixed.value.shape)}`);
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new SenetError(
      "graph",
      `${graph.name}: expected a network for any number of images, found one that fixes ${batch} (${reasonOf(cause)}); export it with a dynamic batch.`,
      { cause },
    );
  }
}

/** The shape a `Reshape` that keeps the batch should have: 0 means "as it was". */
function copyingTarget(
  { op, inputs: [x, shape] }: Node,
  batch: number,
  { isStored }: Uses,
): number[] | undefined {
  if (op !== "Reshape" || !isStored(shape)) return undefined;
  const target = Array.from(shape.tensor.data, Number);
  return target[0] === batch && x?.shape[0] === batch ? [0, ...target.slice(1)] : undefined;
}
