import type { Value } from "../../ir/graph.ts";
import { dimsOf, isMap } from "../plan/planner.ts";
import type { Form } from "./types.ts";

/** The gradient where the ReLU's result is positive; the result may take the gradient's memory. */
export const planReluGrad: Form<"ReluGrad"> = (planner, node) => {
  const [dy, y] = node.inputs as readonly Value[];
  const [dx] = node.outputs;
  const layout = isMap(y) ? planner.layoutOf(y) : "plain";
  const desc = planner.layouts.desc(dimsOf(dx), layout === "own" ? "blocked" : layout);
  const primitive = planner.once("reluGrad", [desc], () => planner.dnnl.reluGrad(desc));
  planner.call(
    primitive,
    {
      dst: planner.read(y, desc),
      diffDst: planner.read(dy, desc),
      diffSrc: planner.result(dx, desc),
    },
    { reuses: ["diffDst"] },
  );
};
