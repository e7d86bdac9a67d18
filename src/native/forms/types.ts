import type { OperatorName } from "../../ops/index.ts";
import type { NodeOf } from "../../ops/predicates.ts";
import type { Fusions } from "../plan/fusions.ts";
import type { Planner } from "../plan/planner.ts";

/** Plans one node: reads its inputs, says where its outputs are, and adds the calls between. */
export type Form<K extends OperatorName = OperatorName> = {
  // Declared as a method, so that the table of all can be called with any node.
  plan(planner: Planner, node: NodeOf<K>, fusions: Fusions): void;
}["plan"];

/** Why the engine does not compute an operator. */
export interface Missing {
  readonly missing: string;
}
