/** Opens oneDNN in a process of its own, started by `probe-library.ts`, and prints what it says of itself. */
import { reasonOf } from "../../base/errors.ts";
import { openDnnl } from "../../native/binding/open-node.ts";
import type { LibraryCandidate } from "../../native/library/find-library-node.ts";
import type { ProbeAnswer } from "./probe-library.ts";

const [, , text] = process.argv;
process.stdout.write(`${JSON.stringify(probe(JSON.parse(text)))}\n`);

function probe({ path, companions }: LibraryCandidate): ProbeAnswer {
  try {
    const dnnl = openDnnl(path, companions);
    const map = dnnl.desc([8, 32, 16, 16]);
    const any = { src: dnnl.tagged(map.dims, "any"), dst: dnnl.tagged(map.dims, "any") };
    const convolution = { ...any, weights: dnnl.tagged([32, 32, 3, 3], "any") };
    const window = { strides: [1, 1], dilations: [1, 1], before: [1, 1], after: [1, 1] };
    const kernels = [
      dnnl.convolution(convolution, window),
      dnnl.convolutionGradSrc(convolution, window),
      dnnl.convolutionGradWeights(convolution, window),
    ].map(({ kernel }) => kernel);
    return { facts: { version: dnnl.version, isa: dnnl.isa, kernels: [...new Set(kernels)] } };
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}
