import type { NodeProto } from "onnx-buf";
import type { Tensor } from "../ir/tensor.ts";
import { isGeneratedName } from "./names.ts";

/** What a stored tensor is to its network. */
export type StoredRole = "parameter" | "state" | "constant";

/** A tensor of the file, and the role that this package wrote beside it, if it did. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  readonly role: StoredRole | undefined;
}

/** Inputs through which operators take what is learned, and what is tracked. */
const learnedInputs: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  FusedMatMul: [0, 1],
  BatchNormalization: [1, 2],
};
const trackedInputs: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/**
 * The role of each stored tensor: as written in the file, or for files of other programs by use. Float
 * weights, biases, scales and shifts (of convolutions, matrix products and BatchNorm) are parameters, also a
 * bias that is added to a matrix product; BatchNorm's statistics are states; all else is constant.
 */
export function recoverRoles(
  nodes: readonly NodeProto[],
  tensors: ReadonlyMap<string, NamedTensor>,
): Map<NamedTensor, StoredRole> {
  const roles = new Map<NamedTensor, StoredRole>();
  const assign = (name: string | undefined, role: StoredRole) => {
    const stored = name === undefined ? undefined : tensors.get(name);
    if (!stored || stored.role || !/^float/.test(stored.tensor.dtype) || isGeneratedName(stored.name)) return;
    // A tensor used in both ways is learned.
    if (roles.get(stored) !== "parameter") roles.set(stored, role);
  };
  const products = new Set<string>();
  for (const node of nodes) {
    if (node.opType === "MatMul") for (const output of node.output) products.add(output);
    if (node.opType === "Add") {
      const [left, right] = node.input;
      if (products.has(left)) assign(right, "parameter");
      if (products.has(right)) assign(left, "parameter");
    }
    for (const index of inputsOf(learnedInputs, node)) assign(node.input[index], "parameter");
    for (const index of inputsOf(trackedInputs, node)) assign(node.input[index], "state");
  }
  for (const stored of new Set(tensors.values())) {
    roles.set(stored, stored.role ?? roles.get(stored) ?? "constant");
  }
  return roles;
}

function inputsOf(table: Readonly<Record<string, readonly number[]>>, node: NodeProto): readonly number[] {
  return Object.hasOwn(table, node.opType) ? table[node.opType] : [];
}
