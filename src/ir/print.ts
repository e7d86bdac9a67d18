import type { Graph, Value } from "./graph.ts";
import { formatShape } from "./shape.ts";

/**
 * A graph as text, one line per node, for reading and for tests.
 *
 * @example
 * // graph twice(x: float32 [N, 3])
 * //   %0 = Add(x, x) : float32 [N, 3]
 * //   y = %0
 */
export function print(graph: Graph): string {
  const names = new Map<Value, string>();
  const nameOf = (value: Value) =>
    names.get(value) ?? value.name ?? (value.role === "constant" ? constantText(value) : "?");
  const type = (value: Value) => `${value.dtype} ${formatShape(value.shape)}`;
  const lines = [`graph ${graph.name}(${graph.inputs.map((v) => `${nameOf(v)}: ${type(v)}`).join(", ")})`];
  for (const node of graph.nodes) {
    for (const output of node.outputs) names.set(output, `%${names.size}`);
    const attrs = Object.entries(node.attrs).map(([key, value]) => `${key}=${[value].flat().join(",")}`);
    const inputs = node.inputs.map((input) => (input ? nameOf(input) : "-"));
    const scope = node.scope ? `  # ${node.scope}` : "";
    lines.push(
      `  ${node.outputs.map(nameOf).join(", ")} = ${node.op}(${[...inputs, ...attrs].join(", ")}) : ${node.outputs.map(type).join(", ")}${scope}`,
    );
  }
  for (const { name, value } of graph.outputs) lines.push(`  ${name} = ${nameOf(value)}`);
  return lines.join("\n");
}

function constantText(value: Value): string {
  const data = value.tensor?.data;
  return data && data.length <= 8
    ? `{${Array.from(data, String).join(" ")}}`
    : `constant${formatShape(value.shape)}`;
}
