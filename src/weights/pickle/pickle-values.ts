import type { StoredTypeName } from "../formats/stored-type.ts";

/** What a pickle becomes: nothing that acts. Lists, tuples and sets are arrays, whole numbers beyond 2^53 are bigint. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | PickleDict
  | PickleGlobal
  | PickleStorage
  | PickleTensor
  | PickleOpaque;

/** A dict or an OrderedDict. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** A name of Python's that was mentioned, not used. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Something that is known to be harmless and of no use here, such as the options of a training script. */
export class PickleOpaque {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A run of elements that lies elsewhere in the file. */
export class PickleStorage {
  readonly key: string;
  readonly type: StoredTypeName;
  readonly elements: number;
  /** Where in the storage `key` it begins, in elements: other than 0 only for views in files older than PyTorch 0.4. */
  readonly from: number;
  constructor(key: string, type: StoredTypeName, elements: number, from = 0) {
    this.key = key;
    this.type = type;
    this.elements = elements;
    this.from = from;
  }
}

/** A tensor: part of a storage. */
export class PickleTensor {
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: PickleStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}
