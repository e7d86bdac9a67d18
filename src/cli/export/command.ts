import { usageError } from "../../base/errors.ts";
import { opsetRange } from "../../onnx/opset-range.ts";
import { defineCommand, option } from "../shared/define-command.ts";
import { forceOption, modelOptions, weightsOptions } from "../shared/option-groups.ts";
import { text, whole, wrongValue } from "../shared/parse.ts";
import { seOptions } from "../shared/se-options.ts";

export const command = defineCommand({
  summary: "write a network as an .onnx file",
  description:
    "Write a network as an .onnx file: a model of `senet models`, with random initial weights or those of --weights, or an .onnx file again with another batch size or operator set. Nodes are named after their modules, as in layer1.0.se.fc1/Conv; the metadata describe, under senet, how to prepare images.",
  arguments: [["<model|file.onnx>", "a name that `senet models` lists, or a model file"]],
  options: {
    out: option("<file.onnx>", "output file", text, { short: "o" }),
    force: forceOption,
    opset: option("<n>", `version of the ONNX operator set, ${opsetRange.min} to ${opsetRange.max}`, opset, {
      default: opsetRange.min,
    }),
    batch: option("<n|symbolic>", "batch size: a number, or symbolic for any", batch, {
      defaultText: "symbolic, or the file's own",
    }),
    ...modelOptions,
    seed: option("<n>", "random seed of the initial weights, for a model given by name", whole({ min: 0 }), {
      defaultText: "0",
    }),
    ...weightsOptions,
    ...seOptions,
  },
});

function opset(text: string, option: string): number {
  const version = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (version >= opsetRange.min && version <= opsetRange.max) return version;
  const why = version < opsetRange.min ? ", as older ones lack operators or define them differently" : "";
  const found = Number.isNaN(version) ? `"${text}"` : text;
  throw usageError(
    `${option}: expected ${opsetRange.min} to ${opsetRange.max}, found ${found}; choose one of these${why}.`,
  );
}

/** `symbolic` is the dimension that the networks call N. */
function batch(text: string, option: string): number | string {
  if (text === "symbolic") return "N";
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw wrongValue(option, "a whole number of at least 1, or symbolic", text);
}
