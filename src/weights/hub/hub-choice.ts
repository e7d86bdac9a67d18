import { SenetError } from "../../base/errors.ts";
import { listOf } from "../../base/format.ts";

/** What repositories call their weights, the best first: safetensors can be read in part, and hold nothing to execute. */
const usual = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "onnx/model.onnx",
  "model.onnx",
];

/** Files that a sentence names before it only counts. */
const NAMED = 5;

/** The file of a repository that holds the weights: one of a usual name, or the only one of a usual kind. */
export function chooseWeights(files: readonly string[], what: string): string {
  const named = usual.find((name) => files.includes(name));
  if (named !== undefined) return named;
  const ofKind = (kind: RegExp) => files.filter((name) => kind.test(name)).sort();
  const pytorch = ofKind(/\.(safetensors|pth|bin)$/);
  const likely = pytorch.length > 0 ? pytorch : ofKind(/\.onnx$/);
  if (likely.length === 1) return likely[0];
  const found =
    likely.length === 0
      ? `none of ${usual.join(", ")}, and no other .safetensors, .pth, .bin or .onnx; choose another repository`
      : `${likely.length} (${listOf(likely, NAMED)}); name one behind the repository, as in ${what}/${likely[0]}`;
  throw new SenetError("file", `${what}: expected one file of weights, found ${found}.`);
}

/** Whether a file is an index of several. */
export function isShardIndex(file: string): boolean {
  return file.endsWith(".safetensors.index.json");
}
