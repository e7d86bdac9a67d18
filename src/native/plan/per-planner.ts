import type { Planner } from "./planner.ts";

/**
 * Notes that forms leave for each other while one graph is planned: of a forward pass for its gradient, say.
 *
 * @example
 * const workspaces = perPlanner<Node, Operand>();
 * workspaces(planner).set(node, workspace);
 */
export function perPlanner<K, V>(): (planner: Planner) => Map<K, V> {
  const all = new WeakMap<Planner, Map<K, V>>();
  return (planner) => {
    const known = all.get(planner) ?? new Map<K, V>();
    all.set(planner, known);
    return known;
  };
}
