import { SenetError } from "../../base/errors.ts";
import { quote } from "../../files/bad-file.ts";
import { sizeOf } from "../../ir/shape.ts";
import { type StoredTypeName, storedTypes } from "../formats/stored-type.ts";
import { extentOf } from "../formats/strided.ts";
import { badCheckpoint } from "./bad-checkpoint.ts";
import {
  PickleDict,
  PickleGlobal,
  PickleOpaque,
  PickleStorage,
  PickleTensor,
  type PickleValue,
} from "./pickle-values.ts";
import type { PickleWorld } from "./unpickle.ts";

/** Most axes a tensor may have: PyTorch's own limit for what it prints and indexes. */
const MAX_AXES = 64;

/** Element types of PyTorch's storage classes. */
const storages: Readonly<Record<string, StoredTypeName>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

const storageNames = new Set(
  Object.keys(storages).flatMap((name) => [`torch.${name}`, `torch.cuda.${name}`]),
);

type Bad = (problem: string) => SenetError;

/** What calls of the names that have a meaning here become. */
const calls = new Map<string, (args: readonly PickleValue[], bad: Bad) => PickleValue>([
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_parameter", tensorOfParameter],
  ["torch.Size", firstList],
  ["builtins.set", firstList],
  ["__builtin__.set", firstList],
  ["collections.OrderedDict", dictOf],
  ["builtins.dict", dictOf],
  ["__builtin__.dict", dictOf],
  ["collections.defaultdict", () => new PickleDict()],
]);

/** Names of what training scripts leave in their checkpoints: plain records, of which nothing is made. */
const opaque = new Set([
  "argparse.Namespace",
  "types.SimpleNamespace",
  "pathlib.Path",
  "pathlib.PosixPath",
  "pathlib.PurePosixPath",
  "pathlib.WindowsPath",
  "datetime.datetime",
  "datetime.timedelta",
  "torch.device",
  "torch.serialization._get_layout",
  "numpy.dtype",
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray.scalar",
  "_codecs.encode",
]);

/** `torch.float32` and its like, which PyTorch pickles as names. */
const dtypeName = /^torch\.(?:bfloat16|float\d\w*|u?int\d+|bool|complex\d+|half|double|long)$/;

/**
 * What PyTorch checkpoints are made of: tensors, storages, containers. Every other name is refused, because using it would mean to
 * execute what the file names.
 */
export function torchWorld(what: string): PickleWorld {
  const bad = (problem: string) => badCheckpoint(what, problem);
  return {
    find(name) {
      if (calls.has(name) || storageNames.has(name)) return new PickleGlobal(name);
      if (opaque.has(name) || dtypeName.test(name)) return new PickleOpaque(name);
      throw new SenetError(
        "file",
        `${what}: expected tensors in plain containers, found the Python object ${quote(name)}, which would have to be executed; save the model's state_dict() alone.`,
      );
    },
    call(name, args) {
      const make = calls.get(name);
      if (!make) throw bad(`expected a call that makes data, found one of ${quote(name)}`);
      return make(args, bad);
    },
    persistent: (id) => storageOf(id, bad),
  };
}

function tensorOfParameter([tensor]: readonly PickleValue[], bad: Bad): PickleTensor {
  if (tensor instanceof PickleTensor) return tensor;
  throw bad("expected a tensor in a parameter, found something else");
}

function firstList([items]: readonly PickleValue[]): PickleValue {
  return Array.isArray(items) ? items : [];
}

/** Python 2 pickled an OrderedDict with its pairs. */
function dictOf([pairs = []]: readonly PickleValue[], bad: Bad): PickleDict {
  const dict = new PickleDict();
  if (!Array.isArray(pairs)) throw bad("expected pairs in an OrderedDict, found something else");
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw bad("expected pairs in an OrderedDict, found others");
    dict.entries.set(pair[0], pair[1]);
  }
  return dict;
}

function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[], bad: Bad): PickleTensor {
  if (!(storage instanceof PickleStorage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw bad("expected a storage, an offset, a shape and strides in a tensor, found something else");
  }
  if (shape.length !== strides.length || shape.length > MAX_AXES) {
    throw bad(
      `expected as many strides as axes, at most ${MAX_AXES}, found ${shape.length} and ${strides.length}`,
    );
  }
  // Strides of 0 repeat elements: without the first check a file of a few bytes could ask for any amount of memory.
  const elements = sizeOf(shape);
  const end = extentOf({ shape, strides, offset });
  if (elements > storage.elements || !(end <= storage.elements)) {
    throw bad(
      `tensor [${shape.join(", ")}] with offset ${offset} and strides [${strides.join(", ")}]: expected it inside its storage of ${storage.elements} elements, found it outside`,
    );
  }
  // Copies: the lists that were given may still grow behind the checks above.
  return new PickleTensor(storage, offset, [...shape], [...strides]);
}

/** `("storage", type, key, device, elements)`, and in old files `(key, offset, elements)` of a view. */
function storageOf(id: PickleValue, bad: Bad): PickleStorage {
  if (!Array.isArray(id)) throw bad("expected a storage outside the pickle, found something else");
  const [kind, type, key, , elements, view] = id as readonly PickleValue[];
  const name = type instanceof PickleGlobal ? type.name.slice(type.name.lastIndexOf(".") + 1) : "";
  if (kind !== "storage" || !Object.hasOwn(storages, name) || typeof key !== "string" || !isCount(elements)) {
    throw bad("expected a storage of a known type with a key and a length, found something else");
  }
  const stored = storages[name];
  if (!Number.isSafeInteger(elements * storedTypes[stored].bytes)) {
    throw bad(`storage ${quote(key)}: expected less than 2^53 bytes, found ${elements} elements`);
  }
  if (view === undefined || view === null) return new PickleStorage(key, stored, elements);
  const [, from, length] = Array.isArray(view) ? (view as readonly PickleValue[]) : [];
  if (!isCount(from) || !isCount(length) || from + length > elements) {
    throw bad(`storage ${quote(key)}: expected a view inside its ${elements} elements, found one outside`);
  }
  return new PickleStorage(key, stored, length, from);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}
