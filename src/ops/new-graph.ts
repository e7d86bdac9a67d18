import { GraphBuilder } from "../ir/builder.ts";
import type { Graph } from "../ir/graph.ts";
import type { OperatorTable } from "../ir/operator.ts";
import { operators } from "./index.ts";

/**
 * A builder that knows every operator; starts empty, or from all that `from` holds. `seed` is for initial parameters.
 *
 * @example
 * const b = newGraph("double");
 * const x = b.input("x", "float32", ["N", 3]);
 * b.output("y", b.op("Add", [x, x]));
 * const graph = b.build();
 */
export function newGraph(name: string, options: { from?: Graph; seed?: number } = {}): GraphBuilder {
  return new GraphBuilder(operatorTable, name, options);
}

/** The table, for code that looks operators up by a name it has read. */
export const operatorTable: OperatorTable = operators;
