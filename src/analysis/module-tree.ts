import { addCounts, type Counts, type NodeCost } from "./node-cost.ts";

/** A module with what it holds and does, the modules in it included. */
export interface ModuleCost extends Counts {
  /** Last part of its path: `fc1`. For an operation that stands in a module by itself, its operator: `Relu`. */
  readonly name: string;
  /** `layer1.0.se.fc1`; of an operation, that of its module. Empty for the network. */
  readonly path: string;
  /** The operator, where it is a single operation. */
  readonly op?: string;
  /** The part of its counts in SE blocks. */
  readonly se: Counts;
  /** Shape of what it computes last. */
  readonly output: readonly number[];
  /** What it is made of, in order of first use; empty for a single operation. */
  readonly modules: readonly ModuleCost[];
}

/**
 * The nodes of a graph as the tree of its modules, from their scopes.
 *
 * @param name of the whole
 */
export function moduleTree(costs: readonly NodeCost[], name: string): ModuleCost {
  return moduleOf(costs, name, "");
}

/** @param nodes all within the module */
function moduleOf(nodes: readonly NodeCost[], name: string, path: string): ModuleCost {
  const prefix = path === "" ? "" : `${path}.`;
  /** Its own operations, and the nodes of each module in it by its name. */
  const parts = new Map<NodeCost | string, NodeCost[]>();
  for (const node of nodes) {
    const part = node.scope === path ? node : node.scope.slice(prefix.length).split(".", 1)[0];
    const members = parts.get(part) ?? [];
    parts.set(part, members);
    members.push(node);
  }
  if (nodes.length === 1 && parts.has(nodes[0])) return operation(nodes[0], name);
  const modules = [...parts].map(([part, members]) =>
    typeof part === "string" ? moduleOf(members, part, prefix + part) : operation(part, part.op),
  );
  return { ...summary(nodes, name, path), modules };
}

function operation(node: NodeCost, name: string): ModuleCost {
  return { ...summary([node], name, node.scope), op: node.op, modules: [] };
}

function summary(nodes: readonly NodeCost[], name: string, path: string) {
  const se = addCounts(nodes.filter((node) => node.se));
  return { name, path, ...addCounts(nodes), se, output: nodes.at(-1)?.output ?? [] };
}
