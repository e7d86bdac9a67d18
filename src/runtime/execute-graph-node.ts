import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "./node.ts";
import type { SessionOptions, Tensors } from "./session.ts";

/**
 * Runs a lowered graph once in a session of its own; for tests and one-off evaluations.
 *
 * @throws SenetError as `writeOnnx` and `Session.run` do.
 */
export async function executeGraph(
  graph: Graph,
  feeds: Tensors,
  options: SessionOptions = {},
): Promise<Record<string, Tensor>> {
  await using session = await createSession(writeOnnx(graph), options);
  return await session.run(feeds);
}
