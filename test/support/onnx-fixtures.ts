import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import type { Graph } from "../../src/ir/graph.ts";
import { tensor } from "../../src/ir/tensor.ts";
import { writeOnnx } from "../../src/onnx/write-onnx.ts";
import { newGraph } from "../../src/ops/new-graph.ts";

/** A convolution with BatchNorm, squeeze-like reduction, a classifier, and every way to give a value out. */
export function network(): Graph {
  const b = newGraph("net");
  const x = b.input("x", "float32", ["N", 2, 4, 4]);
  const of = (n: number) =>
    tensor(
      [n],
      Array.from({ length: n }, (_, i) => 0.1 + i / 7),
    );
  const h = b.scope("conv1", () => {
    const weight = b.parameter("weight", tensor([3, 2, 3, 3], new Float32Array(54).fill(0.3)));
    return b.op("Conv", [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  });
  const n = b.scope("bn1", () =>
    b.op("BatchNormalization", [
      h,
      b.parameter("weight", of(3)),
      b.parameter("bias", of(3)),
      b.state("running_mean", of(3)),
      b.state("running_var", of(3)),
    ]),
  );
  const scaled = b.op("Mul", [n, b.parameter("gain", tensor([1], [1.5]))]);
  const mean = b.scope("se", () => b.op("ReduceMean", [scaled, b.constant([2, 3])], { keepdims: 0 }));
  const clipped = b.op("Clip", [mean, null, b.constant(6)]);
  const logits = b.scope("fc", () =>
    b.op("Gemm", [clipped, b.parameter("weight", tensor([5, 3], new Float32Array(15)))], { transB: 1 }),
  );
  b.output("logits", logits);
  b.output("copy", logits);
  b.output("input_copy", x);
  b.output("features", b.op("Identity", [mean]));
  b.note("classes", "a,b");
  return b.build();
}

/** What a test does to a file. */
export type Edit = (graph: GraphProto, model: ModelProto) => void;

/** The network as another program would have written it: no roles, and changed by `edit`. */
export function foreign(edit: Edit): Uint8Array {
  const model = fromBinary(ModelProtoSchema, writeOnnx(network()));
  if (!model.graph) throw new Error("no graph");
  for (const stored of model.graph.initializer) stored.docString = "";
  edit(model.graph, model);
  return toBinary(ModelProtoSchema, model);
}

/** The first node of an operator. */
export function node(graph: GraphProto, opType: string): NodeProto {
  const found = graph.node.find((candidate) => candidate.opType === opType);
  if (!found) throw new Error(`no ${opType}`);
  return found;
}
