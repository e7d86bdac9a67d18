import { SenetError } from "../base/errors.ts";
import { readZipDirectory } from "../files/archives/zip.ts";
import type { ByteSource } from "../files/byte-source.ts";
import { openNpz } from "./formats/open-npz.ts";
import { openOnnx } from "./formats/open-onnx.ts";
import { openSafetensors } from "./formats/open-safetensors.ts";
import type { WeightsFile } from "./formats/weights-file.ts";
import { openPyTorchLegacy } from "./pickle/open-pytorch-legacy.ts";
import { openPyTorchZip, pickleMember } from "./pickle/open-pytorch-zip.ts";
import type { CheckpointOptions } from "./pickle/torch-checkpoint.ts";

/** Bytes that identify the format. */
const START_BYTES = 16;

/**
 * Opens weights from any source, in the format of their first bytes: zip (`.pth` since PyTorch 1.6, `.npz`), pickle (older
 * `.pth`), safetensors, ONNX.
 */
export async function openSource(source: ByteSource, options: CheckpointOptions = {}): Promise<WeightsFile> {
  const start = await source.read(0, Math.min(source.size, START_BYTES));
  switch (formatOf(start)) {
    case "zip":
      return openArchive(source, options);
    case "pickle":
      return openPyTorchLegacy(source, options);
    case "safetensors":
      return openSafetensors(source);
    case "onnx":
      return openOnnx(source);
    default:
      throw new SenetError(
        "file",
        `${source.what}: expected weights as safetensors, .pth, .npz or .onnx, found ${found(start)}; check the path and get the file again.`,
      );
  }
}

function formatOf(start: Uint8Array): "zip" | "pickle" | "safetensors" | "onnx" | undefined {
  // A length of 64 bits that is far from full, then JSON. First, as such a length may look like the others' marks; theirs never like it.
  if (start[8] === 0x7b && start[7] === 0 && start[6] === 0) return "safetensors";
  // "PK", and 3 4 before a member or 5 6 in an empty archive
  if (start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5)) return "zip";
  // the opcode PROTO and its number
  if (start[0] === 0x80 && start[1] <= 5) return "pickle";
  // field 1, ir_version, as a small number
  if (start[0] === 0x08 && start[1] < 0x80) return "onnx";
  return undefined;
}

async function openArchive(source: ByteSource, options: CheckpointOptions): Promise<WeightsFile> {
  const members = await readZipDirectory(source);
  const pickle = pickleMember(members);
  if (pickle) return openPyTorchZip(source, members, pickle, options);
  // An archive without arrays is what numpy writes of none.
  if ([...members.keys()].every((name) => name.endsWith(".npy"))) return openNpz(source, members);
  throw new SenetError(
    "file",
    `${source.what}: expected a PyTorch checkpoint (data.pkl) or numpy arrays (.npy) in the archive, found neither; check the path.`,
  );
}

function found(start: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(start);
  if (start.length === 0) return "an empty file";
  if (/^\s*</.test(text)) return "a web page";
  if (text.startsWith("version https")) return "a Git LFS pointer instead of the file";
  return "other bytes";
}
