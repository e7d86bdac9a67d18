import { SenetError } from "../../base/errors.ts";
import type { Node } from "../../ir/graph.ts";

/**
 * The error for what oneDNN cannot compute, or only slowly.
 *
 * @param what a node, or the name of an operation
 * @param why what oneDNN lacks, as the end of a sentence
 */
export function noForm(what: Node | string, why: string): SenetError {
  const where = typeof what === "string" ? what : `${what.op} in ${what.scope || "the graph"}`;
  return new SenetError(
    "engine",
    `${where}: expected a form of it on oneDNN, found that ${why}; choose \`engine\` onnxruntime.`,
  );
}
