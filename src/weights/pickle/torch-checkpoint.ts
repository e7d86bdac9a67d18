import { SenetError } from "../../base/errors.ts";
import { quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { storedTypes, swapBytes } from "../formats/stored-type.ts";
import { extentOf, isContiguous, strided } from "../formats/strided.ts";
import { tensorOfBytes } from "../formats/tensor-of-bytes.ts";
import { type WeightsEntry, type WeightsFile, weightsFile } from "../formats/weights-file.ts";
import { PickleDict, PickleTensor, type PickleValue } from "./pickle-values.ts";

/** Under which names training scripts keep the state dict of a checkpoint, in order of preference. */
const stateKeys = ["state_dict", "model", "model_state_dict", "net"] as const;

/** And its moving average. */
const averageKeys = ["state_dict_ema", "model_ema", "ema"] as const;

/** Bytes of a storage: `length` of them from `from` on, in the file's byte order. */
export type ReadStorage = (key: string, from: number, length: number) => Promise<Uint8Array>;

/** Options of `openWeights`. */
export interface CheckpointOptions {
  /** Take the moving average of the weights where the checkpoint has one. Default false: the weights themselves. */
  readonly ema?: boolean;
}

interface TorchEntry extends WeightsEntry {
  readonly tensor: PickleTensor;
}

/** A checkpoint's tensors, whichever of PyTorch's two formats they come from. */
export function openCheckpoint(
  source: ByteSource,
  root: PickleValue,
  {
    bigEndian,
    readStorage,
    ema = false,
  }: CheckpointOptions & { bigEndian: boolean; readStorage: ReadStorage },
): WeightsFile {
  const entries = new Map<string, TorchEntry>();
  for (const [name, tensor] of stateDict(source.what, root, ema).entries) {
    if (typeof name !== "string" || !(tensor instanceof PickleTensor)) continue;
    entries.set(name, { dtype: storedTypes[tensor.storage.type].dtype, shape: tensor.shape, tensor });
  }
  return weightsFile(source, {
    format: "pytorch",
    entries,
    async read(name, { tensor }) {
      const { storage, shape, strides, offset } = tensor;
      const size = storedTypes[storage.type].bytes;
      const first = storage.from + offset;
      const length = extentOf(tensor) - offset;
      const bytes = await readStorage(storage.key, first * size, length * size);
      if (bigEndian) swapBytes(bytes, size);
      if (isContiguous(tensor)) return tensorOfBytes(name, storage.type, shape, bytes, source.what);
      const { dtype, data } = tensorOfBytes(name, storage.type, [length], bytes, source.what);
      return strided(data, { dtype, shape, strides, offset: 0 });
    },
  });
}

/** The dict of tensors: one of the checkpoint's entries, or all of it. */
function stateDict(what: string, root: PickleValue, ema: boolean): PickleDict {
  if (!(root instanceof PickleDict)) {
    throw new SenetError(
      "file",
      `${what}: expected a state dict, found another Python object; save the model's state_dict().`,
    );
  }
  const keys = ema ? [...averageKeys, ...stateKeys] : [...stateKeys, ...averageKeys];
  for (const key of keys) {
    const nested = root.entries.get(key);
    if (nested instanceof PickleDict && holdsTensors(nested)) return nested;
  }
  if (holdsTensors(root) || root.entries.size === 0) return root;
  const found = [...root.entries.keys()].filter((key) => typeof key === "string").slice(0, 5);
  throw new SenetError(
    "file",
    `${what}: expected tensors by name, or under one of ${keys.join(", ")}, found ${found.map(quote).join(", ") || "none"}; save the model's state_dict().`,
  );
}

function holdsTensors({ entries }: PickleDict): boolean {
  return [...entries.values()].some((value) => value instanceof PickleTensor);
}
