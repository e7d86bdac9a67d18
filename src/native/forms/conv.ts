import type { Value } from "../../ir/graph.ts";
import { isVectorProduct } from "../plan/fusions.ts";
import { dimsOf } from "../plan/planner.ts";
import { convolutionOf, weightsIn } from "./convolution.ts";
import { planProduct } from "./product.ts";
import type { Form } from "./types.ts";

/** A convolution of a map, or of vectors [N,C,1,1], where it is a product of matrices. */
export const planConv: Form<"Conv"> = (planner, node, fusions) => {
  const [x, w, bias] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  if (isVectorProduct(node.attrs, x, y)) {
    const { layouts } = planner;
    const [n, channels, filters] = [dimsOf(x)[0], dimsOf(x)[1], dimsOf(w)[0]];
    const links = fusions.epilogues.get(node) ?? [];
    const output = links.at(-1)?.node.outputs[0] ?? y;
    const result = planner.result(output, layouts.plain(dimsOf(output)));
    planProduct(planner, {
      a: planner.rows(x, [n, channels]),
      b: { ...planner.rows(w), desc: layouts.transposed([channels, filters]) },
      bias: bias && planner.rows(bias, [1, filters]),
      to: { ...result, desc: layouts.plain([n, filters]) },
      links,
    });
    return;
  }
  const convolution = convolutionOf(
    planner,
    node.attrs,
    [dimsOf(x), dimsOf(w), dimsOf(y)],
    bias !== undefined,
  );
  const weights = weightsIn(planner, w, convolution.forward.desc("weights"));
  planner.call(convolution.forward, {
    src: planner.read(x, convolution.src),
    weights,
    bias: bias && planner.rows(bias),
    dst: planner.result(y, convolution.dst),
  });
};

export const planConvGradInput: Form<"ConvGradInput"> = (planner, node) => {
  const [dy, w] = node.inputs as readonly Value[];
  const [dx] = node.outputs;
  const { layouts } = planner;
  if (isVectorProduct(node.attrs, dx, dy)) {
    const [n, filters, channels] = [dimsOf(dy)[0], dimsOf(dy)[1], dimsOf(w)[1]];
    const result = planner.result(dx, layouts.plain(dimsOf(dx)));
    planProduct(planner, {
      a: planner.rows(dy, [n, filters]),
      b: planner.rows(w, [filters, channels]),
      to: { ...result, desc: layouts.plain([n, channels]) },
    });
    return;
  }
  const convolution = convolutionOf(planner, node.attrs, [dimsOf(dx), dimsOf(w), dimsOf(dy)], false);
  const primitive = convolution.gradSrc();
  planner.call(primitive, {
    diffDst: planner.read(dy, convolution.dst),
    weights: weightsIn(planner, w, primitive.desc("weights")),
    diffSrc: planner.result(dx, convolution.src),
  });
};

export const planConvGradWeight: Form<"ConvGradWeight"> = (planner, node, fusions) => {
  const [x, dy] = node.inputs as readonly Value[];
  const [dw] = node.outputs;
  const { layouts } = planner;
  if (isVectorProduct(node.attrs, x, dy)) {
    const [n, channels, filters] = [dimsOf(x)[0], dimsOf(x)[1], dimsOf(dy)[1]];
    const result = planner.result(dw, layouts.plain(dimsOf(dw)));
    planProduct(planner, {
      a: { ...planner.rows(dy), desc: layouts.transposed([filters, n]) },
      b: planner.rows(x, [n, channels]),
      to: { ...result, desc: layouts.plain([filters, channels]) },
    });
    return;
  }
  const sums = fusions.biases.get(node)?.outputs[0];
  const convolution = convolutionOf(planner, node.attrs, [dimsOf(x), dimsOf(dw), dimsOf(dy)], false);
  const primitive = convolution.gradWeights(sums !== undefined);
  planner.call(primitive, {
    src: planner.read(x, convolution.src),
    diffDst: planner.read(dy, convolution.dst),
    diffWeights: planner.result(dw, primitive.desc("diffWeights")),
    diffBias: sums && planner.result(sums, layouts.plain(dimsOf(sums))),
  });
};
