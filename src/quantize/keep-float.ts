import { nearest, SenetError } from "../base/errors.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { usesOf } from "../ir/uses.ts";
import { integerForm } from "../passes/quantization/integer-form.ts";
import { matchSE } from "../passes/se/match-se.ts";

/** The nodes that integers may replace and that have weights, in order. */
export function layersOf(graph: Graph): Node[] {
  const uses = usesOf(graph);
  return graph.nodes.filter((node) => {
    const form = integerForm(node, uses);
    return typeof form === "object" && form.kind === "layer";
  });
}

/** A node's name in reports: its path, or its operator where it has none. */
export function nameOf({ scope, op }: Node): string {
  return scope || op;
}

/**
 * The nodes that are named: `first` and `last` layer, `gate` (what an SE block computes between pool and product), or the path of
 * a module and all below it.
 *
 * @throws SenetError `unknown-name` for a name that means nothing here
 */
export function nodesNamed(graph: Graph, names: readonly string[]): Set<Node> {
  return new Set(names.flatMap((name) => nodesOfName(graph, name)));
}

function nodesOfName(graph: Graph, name: string): readonly Node[] {
  const layers = layersOf(graph);
  if (name === "first") return layers.slice(0, 1);
  if (name === "last") return layers.slice(-1);
  if (name === "gate") {
    return matchSE(graph).flatMap(({ nodes, squeeze, scale }) =>
      nodes.filter((node) => node !== squeeze && node !== scale),
    );
  }
  const found = graph.nodes.filter(({ scope }) => scope === name || scope.startsWith(`${name}.`));
  if (found.length > 0) return found;
  const known = ["first", "last", "gate", ...layers.map(nameOf)];
  throw new SenetError(
    "unknown-name",
    `${graph.name}: nothing is named "${name}" to be kept float${nearest(name, known)}; give first, last, gate or the path of a module.`,
  );
}
