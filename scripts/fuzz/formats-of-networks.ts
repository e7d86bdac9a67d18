import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { complexity } from "../../src/analysis/complexity.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { describeModel } from "../../src/models/describe-model.ts";
import { imageNet } from "../../src/models/preprocessing.ts";
import { batchNorm } from "../../src/nn/batch-norm.ts";
import { conv2d } from "../../src/nn/conv2d.ts";
import { linear } from "../../src/nn/linear.ts";
import { globalAveragePool } from "../../src/nn/pooling.ts";
import { squeezeExcite } from "../../src/nn/se.ts";
import { parseOnnxFile } from "../../src/onnx/read-onnx-file-node.ts";
import { writeOnnx } from "../../src/onnx/write-onnx.ts";
import { newGraph } from "../../src/ops/new-graph.ts";
import { verify } from "../../src/ops/verify.ts";
import { pipeline } from "../../src/predict/pipeline-node.ts";
import { temporaryFolder } from "../../test/support/data-fixtures.ts";
import { oldModel } from "../../test/support/old-model.ts";
import { oldNetworks } from "../../test/support/old-networks.ts";
import { network } from "../../test/support/onnx-fixtures.ts";
import { smallNet } from "../../test/support/small-net.ts";
import type { Format } from "./format.ts";

/** Networks: read as a graph (`summary`, `export`, `train --weights`), and given to the engine (`predict`, `eval`). */
export const networkFormats: Readonly<Record<string, Format>> = {
  onnx: graphs(),
  "onnx-predict": classifiers(),
};

function graphs(): Format {
  let path = "";
  return {
    async seeds() {
      const { model, data } = withDataOutside(writeOnnx(network()));
      path = temporaryFolder({ "weights.bin": data }).path;
      return [network(), smallNet()]
        .map((graph) => writeOnnx(graph))
        .concat(oldNetworks.map(oldModel), [model]);
    },
    async read(bytes) {
      const graph = parseOnnxFile(join(path, "fuzzed.onnx"), bytes);
      verify(graph);
      writeOnnx(graph);
      complexity(graph);
    },
  };
}

/** The same model with its first weight in a file of its own. */
function withDataOutside(bytes: Uint8Array): { model: Uint8Array; data: Uint8Array } {
  const model = fromBinary(ModelProtoSchema, bytes);
  const [weight] = model.graph?.initializer ?? [];
  const data = weight.rawData;
  weight.rawData = new Uint8Array();
  weight.dataLocation = 1;
  const entries = { location: "weights.bin", offset: "0", length: String(data.length) };
  for (const [key, value] of Object.entries(entries)) {
    weight.externalData.push({ $typeName: "onnx.StringStringEntryProto", key, value });
  }
  return { model: toBinary(ModelProtoSchema, model), data };
}

function classifiers(): Format {
  const picture = { data: new Uint8Array(3 * 8 * 8).fill(100), width: 8, height: 8 };
  return {
    seeds: async () => [8, "size"].map((side) => writeOnnx(classifier(side))),
    async read(bytes) {
      await using classify = await pipeline("image-classification", bytes, { threads: 1 });
      await classify(picture);
    },
  };
}

/** Color images of 8×8, or of any size but recommended so, → three classes. */
function classifier(side: number | string): Graph {
  const b = newGraph("classifier", { seed: 1 });
  const images = b.input("images", "float32", ["N", 3, side, side]);
  const features = b.op("Relu", [batchNorm(b, "bn", conv2d(b, "conv", images, { out: 4, kernel: 3 }))]);
  const pooled = globalAveragePool(b, squeezeExcite(b, "se", features, { minimumHidden: 2 }));
  b.output("logits", linear(b, "fc", b.op("Flatten", [pooled]), { out: 3 }));
  const description = {
    model: "classifier",
    input: [3, 8, 8],
    classes: ["a", "b", "c"],
    ...imageNet,
  } as const;
  return describeModel(b.build(), description);
}
