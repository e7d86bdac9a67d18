import { clone } from "@bufbuild/protobuf";
import { type GraphProto, type NodeProto, NodeProtoSchema } from "onnx-buf";
import { scopeOf } from "./node-scope.ts";
import type { NamedTensor } from "./recover-roles.ts";
import type { StoredTensors } from "./stored-tensors.ts";

/** Inputs through which BatchNormalization takes its statistics, and PyTorch's names for them. */
const statistics: Readonly<Record<number, string>> = { 3: "running_mean", 4: "running_var" };

/**
 * Gives each normalization statistics of its own. Exporters store equal tensors once, so that the biases and means of a fresh network,
 * all zero, are one tensor: learned by one layer, tracked by another. Two nodes that share everything are one layer that is used twice,
 * and a parameter that layers share stays one parameter.
 */
export function splitStatistics({ tensors, nodes }: StoredTensors, { input }: GraphProto): StoredTensors {
  const owners = ownersOf(tensors, nodes);
  const split = new Map(tensors);
  const taken = new Set([...input.map(({ name }) => name), ...nodes.flatMap((node) => node.output)]);
  const copies = new Map<string, string>();
  const copyOf = (stored: NamedTensor, use: string, wanted: string): string => {
    let name = wanted;
    for (let count = 2; taken.has(name) || split.has(name); count++) name = `${wanted}_${count}`;
    copies.set(use, name);
    split.set(name, { name, tensor: stored.tensor, role: undefined });
    return name;
  };
  const ownInput = (node: NodeProto, name: string, index: number): string => {
    const stored = tensors.get(name);
    const use = statisticOf(node, index, tensors);
    if (!stored || use === undefined || owners.get(stored) === use) return name;
    const wanted = `${scopeOf(node) || stored.name}.${statistics[index]}`;
    return copies.get(use) ?? copyOf(stored, use, wanted);
  };
  const own = nodes.map((node) => {
    const input = node.input.map((name, index) => ownInput(node, name, index));
    return input.join() === node.input.join() ? node : Object.assign(clone(NodeProtoSchema, node), { input });
  });
  return { tensors: split, nodes: own };
}

/** Who keeps each stored tensor: nobody that tracks it where something else reads it too, else the first. */
function ownersOf(
  tensors: ReadonlyMap<string, NamedTensor>,
  nodes: readonly NodeProto[],
): ReadonlyMap<NamedTensor, string | undefined> {
  const owners = new Map<NamedTensor, string | undefined>();
  for (const node of nodes) {
    for (const [index, name] of node.input.entries()) {
      const stored = tensors.get(name);
      const use = statisticOf(node, index, tensors);
      if (stored && (use === undefined || !owners.has(stored))) owners.set(stored, use);
    }
  }
  return owners;
}

/** Names the statistic of a layer that input `index` is, if it is one. */
function statisticOf(
  { opType, input }: NodeProto,
  index: number,
  tensors: ReadonlyMap<string, NamedTensor>,
): string | undefined {
  if (opType !== "BatchNormalization" || !(index in statistics)) return undefined;
  return [index, ...input.slice(1, 5).map((name) => tensors.get(name)?.name ?? name)].join("\n");
}
