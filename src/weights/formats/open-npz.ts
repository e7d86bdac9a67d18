import { SenetError } from "../../base/errors.ts";
import { crc32 } from "../../files/archives/crc32.ts";
import { readMember, type ZipMember } from "../../files/archives/zip.ts";
import { quote } from "../../files/bad-file.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { MAX_NPY_HEADER_BYTES, type NpyHeader, parseNpyHeader } from "./npy-header.ts";
import { storedTypes, swapBytes } from "./stored-type.ts";
import { strided } from "./strided.ts";
import { tensorOfBytes } from "./tensor-of-bytes.ts";
import { type WeightsEntry, type WeightsFile, weightsFile } from "./weights-file.ts";

/** Bytes before the text of the longest header. */
const PREFIX_BYTES = 12;

interface NpzEntry extends WeightsEntry {
  readonly member: ZipMember;
  readonly header: NpyHeader;
}

/**
 * An .npz archive (`numpy.savez`, `numpy.savez_compressed`) of which only the arrays' headers are read.
 *
 * @param members the archive's directory
 */
export async function openNpz(
  source: ByteSource,
  members: ReadonlyMap<string, ZipMember>,
): Promise<WeightsFile> {
  const entries = new Map<string, NpzEntry>();
  for (const member of members.values()) {
    const name = member.name.replace(/\.npy$/, "");
    const start = await readMember(source, member, MAX_NPY_HEADER_BYTES + PREFIX_BYTES);
    const header = parseNpyHeader(start, `${source.what}: array ${quote(name)}`);
    checkLength(source, name, member, header);
    entries.set(name, { dtype: storedTypes[header.type].dtype, shape: header.shape, member, header });
  }
  return weightsFile(source, {
    format: "npz",
    entries,
    read: (name, entry) => readArray(source, name, entry),
  });
}

async function readArray(
  source: ByteSource,
  name: string,
  { member, header: { type, shape, dataAt, bigEndian, columnMajor } }: NpzEntry,
): Promise<Tensor> {
  const whole = await readMember(source, member);
  if (crc32(whole) !== member.crc32) {
    throw new SenetError(
      "file",
      `${source.what}: array ${quote(name)}: expected the checksum that the archive names, found another; the archive is damaged, get it again.`,
    );
  }
  const bytes = whole.subarray(dataAt);
  if (bigEndian) swapBytes(bytes, storedTypes[type].bytes);
  const stored = tensorOfBytes(name, type, shape, bytes, source.what);
  return columnMajor
    ? strided(stored.data, { dtype: stored.dtype, shape, strides: fortran(shape), offset: 0 })
    : stored;
}

/** Elements between neighbors along each axis, the first axis changing fastest. */
function fortran(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
}

function checkLength(source: ByteSource, name: string, { bytes }: ZipMember, header: NpyHeader): void {
  const { shape, type, dataAt } = header;
  const expected = dataAt + sizeOf(shape) * storedTypes[type].bytes;
  if (bytes === expected) return;
  throw new SenetError(
    "file",
    `${source.what}: array ${quote(name)}: expected ${expected} bytes for ${type} [${shape.join(", ")}], found ${bytes}; the archive is damaged, get it again.`,
  );
}
