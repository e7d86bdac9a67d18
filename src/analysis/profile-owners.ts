import type { Graph, Node, Value } from "../ir/graph.ts";
import { usesOf } from "../ir/uses.ts";
import { nameGraph } from "../onnx/names.ts";
import type { OperatorName } from "../ops/index.ts";
import type { Kernel } from "./profile-trace.ts";

/** A kernel and what it does of the graph that was given to the engine. */
export interface OwnedKernel {
  readonly kernel: Kernel;
  /** The node whose work it is, with whatever the engine has fused into it. None: the engine's own work. */
  readonly node: Node | undefined;
  /** Of a kernel that copies a map between plain and NCHWc layout: the map. */
  readonly reordered: Value | undefined;
}

/** Copies between NCHW and NCHWc (NCHW16c or NCHW8c), the layout in which convolutions run. */
export function isReorder({ op }: Kernel): boolean {
  return op === "ReorderInput" || op === "ReorderOutput";
}

/** What the engine calls an operator into which it has fused others, and the operator it was. */
const fused: Readonly<Record<string, OperatorName>> = {
  FusedConv: "Conv",
  FusedGemm: "Gemm",
  FusedMatMul: "MatMul",
  QuickGelu: "Sigmoid",
};

/** Operators that the engine has no kernel for, but replaces by others, which get names of their own. */
const replaced: Readonly<Partial<Record<OperatorName, readonly OperatorName[]>>> = {
  HardSwish: ["HardSigmoid", "Mul"],
};

/** Fused behind a convolution are at most its BatchNorm, a sum with its bias, an activation of two nodes. */
const LONGEST_FUSION = 6;

/**
 * Finds the node behind each kernel. The engine (ONNX Runtime 1.30) keeps a node's name; what it fuses has the name of the first or
 * the last of the nodes, or of the last one's output, with something added (`layer1.0/Relu_nchwc` is a convolution, the
 * BatchNorm after it and that ReLU). So from the node of that name the search goes back, along what it reads, to the nearest node
 * of the kernel's operator that has no other kernel.
 *
 * @param graph as it was given to the engine
 * @param kernels of one run in the order in which they ran
 */
export function ownKernels(graph: Graph, kernels: readonly Kernel[]): OwnedKernel[] {
  const named = nodesByName(graph);
  const anchors = kernels.map((kernel) => (isReorder(kernel) ? undefined : anchorOf(kernel.name, named)));
  const owners = findOwners(kernels, anchors);
  const nodes = anchors.map((anchor, i) => owners.get(i) ?? anchor);
  giveReplaced(graph, kernels, nodes);
  const results = resultsOf(graph, anchors, nodes);
  return kernels.map((kernel, i) => ({
    kernel,
    node: nodes[i],
    reordered: isReorder(kernel) ? reorderedMap(i, kernels, results) : undefined,
  }));
}

function nodesByName(graph: Graph): ReadonlyMap<string, Node> {
  const names = nameGraph(graph);
  const found = new Map<string, Node>();
  for (const [value, name] of names.values) if (value.producer) found.set(name, value.producer);
  for (const [i, node] of graph.nodes.entries()) found.set(names.nodes[i], node);
  return found;
}

/** The node of a kernel's name without what the engine adds: `fused fc/Gemm`, `bn1/…_nchwc`, `act/Mul/QuickGeluFusion/`. */
function anchorOf(kernelName: string, named: ReadonlyMap<string, Node>): Node | undefined {
  const name = kernelName.replace(/^fused /, "");
  for (let end = name.length; end > 0; end--) {
    // `Conv_12` is another node than `Conv_1` and `Conv`.
    if (end < name.length && !/^(\/|_\D)/.test(name.slice(end))) continue;
    const found = named.get(name.slice(0, end));
    if (found) return found;
  }
  return undefined;
}

function findOwners(kernels: readonly Kernel[], anchors: readonly (Node | undefined)[]): Map<number, Node> {
  const owners = new Map<number, Node>();
  const taken = new Set<Node>();
  // The nearest first: a kernel that has its node's very name must not lose it to one that only ends behind it.
  for (let distance = 0; distance <= LONGEST_FUSION; distance++) {
    for (const [i, { op }] of kernels.entries()) {
      const anchor = anchors[i];
      if (!anchor || owners.has(i)) continue;
      const wanted = fused[op] ?? op;
      const found = behind(anchor, distance).find((node) => node.op === wanted && !taken.has(node));
      if (!found) continue;
      owners.set(i, found);
      taken.add(found);
    }
  }
  return owners;
}

/** The nodes exactly this many steps before one. */
function behind(node: Node, steps: number): Node[] {
  let found = [node];
  for (let i = 0; i < steps; i++) {
    found = [...new Set(found)].flatMap(({ inputs }) => inputs.flatMap((value) => value?.producer ?? []));
  }
  return found;
}

/** Gives kernels without a known name to the nodes they stand for, in order, where operator and shape fit. */
function giveReplaced(graph: Graph, kernels: readonly Kernel[], nodes: (Node | undefined)[]): void {
  const open = graph.nodes.flatMap((node) =>
    (replaced[node.op as OperatorName] ?? []).map((op) => ({ node, op })),
  );
  for (const [i, kernel] of kernels.entries()) {
    if (nodes[i] || isReorder(kernel)) continue;
    const found = open.findIndex(
      ({ node, op }) => op === kernel.op && sameMap(node.outputs[0].shape, kernel.output),
    );
    if (found >= 0) nodes[i] = open.splice(found, 1)[0].node;
  }
}

/** What each kernel computes: the last value of what is fused into it. */
function resultsOf(
  graph: Graph,
  anchors: readonly (Node | undefined)[],
  nodes: readonly (Node | undefined)[],
): (Value | undefined)[] {
  const uses = usesOf(graph);
  const running = new Set([...anchors, ...nodes]);
  return nodes.map((node, i) => {
    let result = (anchors[i] ?? node)?.outputs[0];
    for (;;) {
      const [reader, ...others] = new Set(result && uses.readersOf(result));
      if (!result || !reader || others.length > 0 || running.has(reader)) return result;
      const [next] = reader.outputs;
      if (!sameMap(next.shape, result.shape.map(Number))) return result;
      result = next;
    }
  });
}

/**
 * The map that a reorder copies. The profile does not name it; it is taken for the one that was computed last before among those
 * of its shape, which is right wherever no other map of that shape is computed between a kernel and the copy of its result.
 */
function reorderedMap(
  at: number,
  kernels: readonly Kernel[],
  results: readonly (Value | undefined)[],
): Value | undefined {
  for (let i = at - 1; i >= 0; i--) {
    const found = results[i];
    if (found && sameMap(found.shape, kernels[at].output)) return found;
  }
  return undefined;
}

/** Whether shapes are those of one map: in blocks, channels may have been filled up. */
function sameMap(map: readonly unknown[], copied: readonly number[]): boolean {
  return (
    map.length === copied.length &&
    map.every((dim, axis) => (axis === 1 ? Number(dim) <= copied[axis] : dim === copied[axis]))
  );
}
