import type { Graph, Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Uses } from "../../ir/uses.ts";
import { usesOf } from "../../ir/uses.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { planChain } from "./chain.ts";
import { findFusions } from "./fusions.ts";
import { aligned } from "./memory-plan.ts";
import { dimsOf, type Planner, storedNumber } from "./planner.ts";
import { newRegion, type Operand, type Region } from "./program.ts";
import { stepOf } from "./steps.ts";

/** Something that one run reads and leaves changed for the next. */
export interface State {
  readonly value: Value;
  readonly next: Value;
}

/** The update of one parameter: element-wise nodes on tensors of its sizes. */
interface Update {
  readonly nodes: readonly Node[];
  /** Tensors that come from outside: the parameter, its gradient, its momentum … */
  readonly ports: readonly Value[];
}

/** Updates that differ only in the tensors that they are of. */
export interface UpdateGroup {
  readonly updates: readonly Update[];
}

/** Numbers that are updated at once: all tensors of a piece stay in the processor's cache. */
const PIECE = 1 << 18;

/** Nodes of which nothing but a next state follows: the optimizer's and the moving averages'. */
export function updateNodes(graph: Graph, uses: Uses, states: readonly State[]): Set<Node> {
  const all = states.map(({ next }) => next);
  const nexts = new Set(all.filter((next) => all.indexOf(next) === all.lastIndexOf(next))); // one place each
  const found = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    const [y] = node.outputs;
    if (sizeOf(dimsOf(y)) === 1 || stepOf(node, uses) === undefined || !isOfOneSize(node)) continue;
    const isForStates = nexts.has(y) || !uses.isOutput(y);
    const readers = uses.readersOf(y);
    if (!isForStates || (readers.length === 0 && !nexts.has(y))) continue;
    if (readers.every((reader) => found.has(reader))) found.add(node);
  }
  return found;
}

/** Whether nothing is repeated but numbers: tensors that lie one after the other could not be. */
function isOfOneSize({ inputs, outputs: [y] }: Node): boolean {
  const wanted = String(dimsOf(y));
  return inputs.every((x) => x === null || sizeOf(dimsOf(x)) === 1 || String(dimsOf(x)) === wanted);
}

/** The updates of a training step, those of one form together. */
export function groupUpdates(
  graph: Graph,
  uses: Uses,
  nodes: ReadonlySet<Node>,
  states: readonly State[],
): UpdateGroup[] {
  const stateOf = new Map(states.map(({ value, next }) => [next, value]));
  const groups = new Map<string, Update[]>();
  const scalars = new Map<Value, number>();
  for (const list of connected(graph, nodes)) {
    const { key, update } = described(list, uses, stateOf, scalars);
    groups.set(key, [...(groups.get(key) ?? []), update]);
  }
  return [...groups.values()].map((updates) => ({ updates }));
}

/** Nodes that share tensors; numbers are shared by all. */
function connected(graph: Graph, nodes: ReadonlySet<Node>): Node[][] {
  const parts = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    if (!nodes.has(node)) continue;
    const values = [...node.inputs, ...node.outputs].filter(
      (value): value is Value => value !== null && sizeOf(dimsOf(value)) > 1,
    );
    const joined = new Set(values.flatMap((value) => [...(parts.get(value) ?? [])]));
    const part = [...joined, node];
    const reached = new Set([...values, ...part.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])]);
    for (const value of reached) if (value && sizeOf(dimsOf(value)) > 1) parts.set(value, part);
  }
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  return [...new Set(parts.values())].map((part) =>
    part.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
  );
}

/** A text that is the same for updates of one form. */
function described(
  nodes: readonly Node[],
  uses: Uses,
  stateOf: ReadonlyMap<Value, Value>,
  scalars: Map<Value, number>,
): { key: string; update: Update } {
  const ports: Value[] = [];
  const made = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((value) => [value, i] as const)));
  /** Tells computed and fed numbers apart. */
  const shared = (value: Value) => {
    const known = scalars.get(value) ?? scalars.size;
    scalars.set(value, known);
    return `@${known}`;
  };
  const nameOf = (value: Value): string => {
    const index = made.get(value);
    if (index !== undefined) return `n${index}`;
    if (sizeOf(dimsOf(value)) === 1) return `s${storedNumber(uses, value) ?? shared(value)}`;
    if (!ports.includes(value)) ports.push(value);
    return `p${ports.indexOf(value)}`;
  };
  const lines = nodes.map(({ op, inputs, attrs, outputs: [y] }) => {
    const state = stateOf.get(y);
    const to = state === undefined ? "" : ` > ${nameOf(state)}`;
    return `${op}(${inputs.map((input) => (input ? nameOf(input) : "-"))})${JSON.stringify(attrs)}${to}`;
  });
  return { key: lines.join("\n"), update: { nodes, ports } };
}

/**
 * Plans all updates of one form as one, on flat memory: the parameters lie one after the other, and so, at the same offsets, do their
 * gradients and states. Every number is computed as it would be alone.
 */
export function planUpdates(planner: Planner, { updates }: UpdateGroup, states: readonly State[]): void {
  const stateOf = new Map(states.map(({ value, next }) => [next, value]));
  const isState = new Set(states.map(({ value }) => value));
  const [model] = updates;
  const flats = model.ports.map(() => newRegion(0, true));
  const changedCopies: { readonly from: Operand; readonly to: Operand }[] = [];
  let bytes = 0;
  for (const update of updates) {
    // The parameter lies as a layer chose; what belongs to it lies likewise.
    const home = update.ports.find((port) => isState.has(port) && planner.has(port)) ?? update.ports[0];
    const { desc } = planner.find(home);
    for (const [i, port] of update.ports.entries()) {
      const found = isState.has(port) ? planner.home(port, desc) : planner.find(port);
      const placed = moveInto(planner, planner.read(port, desc), flats[i], bytes);
      if (isState.has(port) && placed.region !== found.region)
        changedCopies.push({ from: placed, to: found });
    }
    bytes += aligned(desc.bytes);
  }
  for (const flat of flats) flat.bytes = bytes;
  const total = bytes / Float32Array.BYTES_PER_ELEMENT;
  for (let from = 0; from < total; from += PIECE) {
    planPiece(planner, model, stateOf, flats, from, Math.min(PIECE, total - from));
  }
  for (const { from, to } of changedCopies) planner.reorder(from, to);
}

/** Puts a tensor into a part of a larger region: its own memory if it can be moved there, otherwise a copy. */
function moveInto(planner: Planner, operand: Operand, flat: Region, offset: number): Operand {
  const { region } = operand;
  if (region.inside === undefined && operand.offset === 0 && region.bytes === operand.desc.bytes) {
    region.inside = { region: flat, offset };
    return operand;
  }
  const inside = newRegion(operand.desc.bytes);
  inside.inside = { region: flat, offset };
  const copy = { region: inside, offset: 0, desc: operand.desc };
  planner.reorder(operand, copy);
  return copy;
}

/** The update's nodes on vectors that are pieces of the flat memory. */
function planPiece(
  planner: Planner,
  { nodes, ports }: Update,
  stateOf: ReadonlyMap<Value, Value>,
  flats: readonly Region[],
  from: number,
  length: number,
): void {
  const b = newGraph("update");
  const desc = planner.layouts.plain([length]);
  const offset = from * Float32Array.BYTES_PER_ELEMENT;
  const places = new Map<Value, Operand>();
  const vectors = new Map<Value, Value>();
  for (const [i, port] of ports.entries()) {
    const vector = b.input(`port.${i}`, "float32", [length]);
    vectors.set(port, vector);
    places.set(vector, planner.give(vector, { region: flats[i], offset, desc }));
  }
  const states: { readonly next: Value; readonly place: Operand; readonly vector: Value }[] = [];
  for (const { op, inputs, attrs, outputs } of nodes) {
    const made = b.ops(
      op,
      inputs.map((input) => (input && vectors.get(input)) ?? input),
      attrs,
    );
    for (const [i, output] of outputs.entries()) vectors.set(output, made[i]);
    const state = stateOf.get(outputs[0]);
    const vector = state && vectors.get(state);
    if (!vector) continue;
    b.output(`next.${states.length}`, made[0]);
    states.push({ next: made[0], place: places.get(vector) as Operand, vector });
  }
  const graph = b.build();
  const { chains } = findFusions(graph, usesOf(graph));
  const order = graph.nodes.filter((node) => chains.has(node));
  const late: typeof states = [];
  for (const state of states) {
    const written = order.findIndex((node) => node.outputs[0] === state.next);
    const isReadLater = order
      .slice(written + 1)
      .some((node) => chains.get(node)?.some((link) => link.node.inputs.includes(state.vector)));
    if (isReadLater) late.push(state);
    else planner.targets.set(state.next, state.place);
  }
  for (const node of order) planChain(planner, chains.get(node) ?? []);
  for (const { next, place } of late) planner.reorder(planner.find(next), place);
}
