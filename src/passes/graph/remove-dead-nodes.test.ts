import { expect, it } from "vitest";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { removeDeadNodes } from "./remove-dead-nodes.ts";

it("removeDeadNodes keeps what outputs are computed from, in order, and all inputs", () => {
  const b = newGraph("dead");
  const [x, unread] = [b.input("x", "float32", [2]), b.input("unread", "float32", [2])];
  const dead = b.op("Neg", [b.op("Sigmoid", [x])]); // two nodes, one only read by the other
  const alive = b.op("Relu", [x]);
  b.op("Add", [alive, dead]);
  const [y] = b.ops("BatchNormTrain", [
    b.op("Reshape", [alive, b.constant([2, 1])]),
    ...[1, 0, 0, 1].map((fill) => b.constant({ dtype: "float32", shape: [1], data: Float32Array.of(fill) })),
  ]);
  b.output("y", y);
  const graph = b.build();
  const kept = removeDeadNodes(graph);
  verify(kept);
  expect(kept.nodes.map(({ op }) => op)).toEqual(["Relu", "Reshape", "BatchNormTrain"]);
  expect(kept.inputs).toEqual([x, unread]);
  expect(graph.nodes.length).toBe(6);
  expect(removeDeadNodes(kept).nodes).toEqual(kept.nodes);
});
