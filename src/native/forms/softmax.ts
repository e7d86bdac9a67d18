import type { Node, Value } from "../../ir/graph.ts";
import { noForm } from "../plan/no-form.ts";
import type { Planner } from "../plan/planner.ts";
import type { Form } from "./types.ts";

function planAlong(planner: Planner, node: Node, axis: number, logarithm: boolean): void {
  const [x] = node.inputs as readonly Value[];
  const rows = planner.rows(x);
  const { dims } = rows.desc;
  const along = (axis + dims.length) % dims.length;
  const primitive = planner.once("softmax", [rows.desc, along, logarithm], () =>
    planner.dnnl.softmax(rows.desc, along, logarithm),
  );
  if (planner.isSlow(primitive, dims)) {
    throw noForm(node, `it is slow along axis ${axis} of [${dims.join(", ")}]`);
  }
  planner.call(primitive, { src: rows, dst: planner.result(node.outputs[0], rows.desc) });
}

export const planSoftmax: Form<"Softmax"> = (planner, node) =>
  planAlong(planner, node, node.attrs.axis, false);
export const planLogSoftmax: Form<"LogSoftmax"> = (planner, node) =>
  planAlong(planner, node, node.attrs.axis, true);
