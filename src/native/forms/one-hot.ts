import type { Value } from "../../ir/graph.ts";
import { dimsOf } from "../plan/planner.ts";
import type { Form } from "./types.ts";

/** One row for each label: a few numbers, written in JavaScript. Labels come as float32, in which every class is exact. */
export const planOneHot: Form<"OneHot"> = (planner, node) => {
  const [labels, , values] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const depth = Number(dimsOf(y).at(-1));
  const to = planner.result(y, planner.layouts.plain(dimsOf(y)));
  planner.host([planner.rows(labels), planner.rows(values)], [to], (indices, [off, on], into) => {
    into.fill(off);
    indices.forEach((index, row) => {
      const column = index < 0 ? index + depth : index;
      if (column >= 0 && column < depth) into[row * depth + column] = on;
    });
  });
};
