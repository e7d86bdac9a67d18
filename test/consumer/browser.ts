/** The same for a browser: types only, without those of Node. */
import { createModel, type Graph, insertSE, type Session, zeros } from "senet";
import { compareComplexity, complexity } from "senet/analysis";
import { newGraph, printGraph, verify } from "senet/graph";
import { findModel } from "senet/models";
import { convNorm, globalAveragePool, linear, relu, squeezeExcite } from "senet/nn";
import { bindDims } from "senet/passes";
import { adamW, trainStep } from "senet/train";
import { decodeSafetensors } from "senet/weights";

export function build(): Graph {
  const b = newGraph("mine");
  const images = b.input("images", "float32", ["N", 3, 32, 32]);
  const map = convNorm(b, ["conv1", "bn1"], images, { out: 16, kernel: 3 }, relu);
  const pooled = globalAveragePool(b, squeezeExcite(b, "se", map, { reduction: 4 }));
  b.output("logits", linear(b, "fc", b.op("Flatten", [pooled]), { out: 10 }));
  const graph = b.build();
  verify(graph);
  return graph;
}

export async function run(session: Session, file: Uint8Array): Promise<string> {
  const [plain, se] = [complexity(build()), complexity(createModel("seresnet20"))];
  const step = trainStep(insertSE(build()).graph, { batch: 8, optimizer: adamW() });
  await session.run({ images: zeros([1, 3, 32, 32]) });
  await session[Symbol.asyncDispose]();
  return [
    printGraph(bindDims(step.graph, { N: 8 })),
    compareComplexity(se, plain).se[0].parameters,
    findModel("resnet50")?.description,
    decodeSafetensors(file).tensors.size,
  ].join("\n");
}
