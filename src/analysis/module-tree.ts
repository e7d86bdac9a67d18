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
  const root = draft(name, "");
  for (const cost of costs) {
    let place = root;
    place.nodes.push(cost);
    for (const part of cost.scope === "" ? [] : cost.scope.split(".")) {
      let inner = place.modules.get(part);
      if (!inner) {
        inner = draft(part, place.path === "" ? part : `${place.path}.${part}`);
        place.modules.set(part, inner);
        place.parts.push(inner);
      }
      inner.nodes.push(cost);
      place = inner;
    }
    place.parts.push(cost);
  }
  return finish(root);
}

/** A module while its nodes arrive. */
interface Draft {
  readonly name: string;
  readonly path: string;
  /** All within it. */
  readonly nodes: NodeCost[];
  readonly modules: Map<string, Draft>;
  /** Its modules and its own operations, in order. */
  readonly parts: (Draft | NodeCost)[];
}

function draft(name: string, path: string): Draft {
  return { name, path, nodes: [], modules: new Map(), parts: [] };
}

function finish({ name, path, nodes, parts }: Draft): ModuleCost {
  const single = nodes.length === 1 && parts.length === 1 && !("nodes" in parts[0]);
  return {
    ...summary(name, path, nodes),
    ...(single && { op: nodes[0].op }),
    modules: single ? [] : parts.map((part) => ("nodes" in part ? finish(part) : operation(part))),
  };
}

function operation(cost: NodeCost): ModuleCost {
  return { ...summary(cost.op, cost.scope, [cost]), op: cost.op, modules: [] };
}

function summary(name: string, path: string, nodes: readonly NodeCost[]) {
  const se = addCounts(nodes.filter((node) => node.se));
  return { name, path, ...addCounts(nodes), se, output: nodes.at(-1)?.output ?? [] };
}
