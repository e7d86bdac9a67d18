import type { Graph, Node, Value } from "../ir/graph.ts";
import type { OperatorName } from "../ops/index.ts";
import type { NodeOf } from "../ops/predicates.ts";
import { lower } from "../passes/lower/lower.ts";
import { foldExpands } from "../passes/training/fold-expands.ts";
import type { Dnnl } from "./binding/dnnl.ts";
import { DnnlError } from "./binding/dnnl-error.ts";
import { formOf, isLowered } from "./forms/index.ts";
import { planChain } from "./plan/chain.ts";
import { findFusions } from "./plan/fusions.ts";
import { noForm } from "./plan/no-form.ts";
import { dimsOf, Planner } from "./plan/planner.ts";
import type { Operand } from "./plan/program.ts";
import { groupUpdates, planUpdates, type State, updateNodes } from "./plan/updates.ts";
import { rewrite } from "./rewrite.ts";

/** A graph as calls of primitives. */
export interface Compiled {
  readonly planner: Planner;
  /** Where inputs are put before a run, by name: in rows, integers as float32. */
  readonly inputs: ReadonlyMap<string, Operand>;
  /** Where outputs lie after it, in rows; those of states lie where the states do. */
  readonly outputs: ReadonlyMap<string, Operand>;
  /** Where states lie, in their own orders. */
  readonly states: ReadonlyMap<string, Operand>;
}

/**
 * Plans a graph with known sizes. An output `next/NAME` of the same sizes as an input NAME is that input's content in the next run.
 *
 * @throws SenetError `engine` for an operator that oneDNN has no primitive for
 */
export function compile(dnnl: Dnnl, source: Graph): Compiled {
  const graph = foldExpands(rewrite(lower(source, isLowered)));
  const states = statesOf(graph);
  const planner = new Planner(
    dnnl,
    graph,
    states.map(({ value }) => value),
  );
  const updating = updateNodes(graph, planner.uses, states);
  const fusions = findFusions(
    { ...graph, nodes: graph.nodes.filter((node) => !updating.has(node)) },
    planner.uses,
  );
  for (const node of graph.nodes) {
    if (updating.has(node)) continue;
    refusedAs(node, () => {
      const chain = fusions.chains.get(node);
      if (chain) planChain(planner, chain);
      else if (!fusions.within.has(node)) planNode(planner, node, fusions);
    });
  }
  for (const group of groupUpdates(graph, planner.uses, updating, states)) {
    planUpdates(planner, group, states);
  }
  return { planner, ...placesOf(planner, graph, states, updating) };
}

/** What oneDNN refuses of a node is said of the node. */
function refusedAs(node: Node, plan: () => void): void {
  try {
    plan();
  } catch (error) {
    throw error instanceof DnnlError && error.isRefusal
      ? noForm(node, `it refuses: ${error.message}`)
      : error;
  }
}

function planNode(planner: Planner, node: Node, fusions: ReturnType<typeof findFusions>): void {
  const form = formOf(node);
  if (typeof form === "object") {
    throw noForm(node, form.missing);
  }
  planner.at(node);
  form(planner, node as NodeOf<OperatorName>, fusions);
}

/** Inputs that an output replaces. */
function statesOf({ inputs, outputs }: Graph): (State & { readonly name: string })[] {
  const nexts = new Map(outputs.map(({ name, value }) => [name, value]));
  return inputs.flatMap((value) => {
    const next = nexts.get(`next/${value.name}`);
    return next === undefined || value.name === undefined ? [] : [{ name: value.name, value, next }];
  });
}

function placesOf(
  planner: Planner,
  graph: Graph,
  states: readonly (State & { readonly name: string })[],
  updating: ReadonlySet<Node>,
): Omit<Compiled, "planner"> {
  const held = new Map<string, Operand>();
  for (const { name, value, next } of states) {
    const place = planner.find(value);
    held.set(name, place);
    if (next.producer && updating.has(next.producer)) continue;
    const found = planner.find(next);
    if (found.region !== place.region) planner.reorder(found, place);
  }
  const isState = new Set(states.map(({ value }) => value));
  const inputs = new Map<string, Operand>();
  for (const value of graph.inputs) {
    if (value.name !== undefined && !isState.has(value)) inputs.set(value.name, planner.find(value));
  }
  const nexts = new Set<Value>(states.map(({ next }) => next));
  const outputs = new Map<string, Operand>();
  for (const { name, value } of graph.outputs) {
    if (nexts.has(value) && name.startsWith("next/")) continue;
    const place = planner.rows(value, dimsOf(value));
    place.region.pinned = true;
    outputs.set(name, place);
  }
  return { inputs, outputs, states: held };
}
