import type { NodeProto } from "onnx-buf";
import type { Tensor } from "../ir/tensor.ts";
import type { OperatorName } from "../ops/index.ts";
import { oneOf } from "../ops/predicates.ts";
import { isGeneratedName } from "./names.ts";

/** What a stored tensor is to its network. */
export type StoredRole = "parameter" | "state" | "constant";

/** A tensor of the file, and the role that this package recorded for it, if it did. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  readonly role: StoredRole | undefined;
}

type InputsByOperator = Readonly<Partial<Record<OperatorName, readonly number[]>>>;

/** Inputs through which operators take parameters, and statistics. */
const learnedInputs: InputsByOperator = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  FusedMatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  PRelu: [1],
};
/** Operators that give a weight another form before it is used. */
const isWeightForm = oneOf(
  "Cast",
  "DequantizeLinear",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
);
const trackedInputs: InputsByOperator = { BatchNormalization: [3, 4] };

/**
 * The role of each stored tensor: as written in the file, or for files of other programs by use. Float and quantized
 * weights, biases, slopes, scales and shifts (of convolutions, matrix products, PRelu and normalizations) are parameters, also through
 * a Transpose or Reshape, and a bias that is added to a product; BatchNorm's statistics are states; all else is constant.
 */
export function recoverRoles(
  nodes: readonly NodeProto[],
  tensors: ReadonlyMap<string, NamedTensor>,
): Map<NamedTensor, StoredRole> {
  const roles = new Map<NamedTensor, StoredRole>();
  const viewed = new Map<string, string>();
  const assign = (name: string | undefined, role: StoredRole) => {
    const stored = name === undefined ? undefined : tensors.get(viewed.get(name) ?? name);
    if (!stored || stored.role || stored.tensor.dtype === "int64" || isGeneratedName(stored.name)) return;
    // One that is used in both ways, other than by BatchNormalization itself (`splitStatistics`), is learned.
    if (roles.get(stored) !== "parameter") roles.set(stored, role);
  };
  // The output of a convolution may also be shifted by a scalar, as in HardSwish, which is not a bias.
  const assignBias = (name: string, product: string | undefined) => {
    const elements = tensors.get(viewed.get(name) ?? name)?.tensor.data.length ?? 0;
    if (product === "MatMul" || (product === "Conv" && elements > 1)) assign(name, "parameter");
  };
  const products = new Map<string, string>();
  for (const node of nodes) {
    const [first, second] = node.input;
    if (isWeightForm({ op: node.opType })) viewed.set(node.output[0], viewed.get(first) ?? first);
    if (node.opType === "MatMul" || node.opType === "Conv") products.set(node.output[0], node.opType);
    if (node.opType === "Add") {
      assignBias(second, products.get(first));
      assignBias(first, products.get(second));
    }
    for (const index of inputsOf(learnedInputs, node)) assign(node.input[index], "parameter");
    for (const index of inputsOf(trackedInputs, node)) assign(node.input[index], "state");
  }
  for (const stored of new Set(tensors.values())) {
    roles.set(stored, stored.role ?? roles.get(stored) ?? "constant");
  }
  return roles;
}

function inputsOf(table: InputsByOperator, { opType }: NodeProto): readonly number[] {
  return (Object.hasOwn(table, opType) && table[opType as OperatorName]) || [];
}
