import type { Graph } from "../ir/graph.ts";
import type { OperatorTable } from "../ir/operator.ts";
import type { Tensor } from "../ir/tensor.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { createSession } from "./node.ts";
import type { SessionOptions, Tensors } from "./session.ts";

/**
 * Runs a lowered graph once and forgets the session; for tests and one-off evaluations.
 *
 * @example const { y } = await executeGraph(graph, operators, { x: zeros([1, 3, 8, 8]) });
 * @throws SenetError as `encodeOnnx` and `Session.run` do.
 */
export async function executeGraph(
  graph: Graph,
  operators: OperatorTable,
  feeds: Tensors,
  options: SessionOptions = {},
): Promise<Record<string, Tensor>> {
  const session = await createSession(encodeOnnx(graph, operators), options);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}
