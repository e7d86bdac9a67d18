import { Command } from "commander";
import { SenetError } from "../../base/errors.ts";
import { opsetRange } from "../../onnx/opset-range.ts";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { ExportFlags } from "../shared/flags.ts";
import { modelOptions } from "../shared/load-model.ts";
import { commonOptions, option } from "../shared/options.ts";
import { seOptions } from "../shared/se-flags.ts";
import { type ParseValue, whole } from "../shared/values.ts";

export function exportCommand(): Command {
  const command = new Command("export")
    .summary("write a network as an .onnx file")
    .description(
      "Write a network as an .onnx file: one that `senet models` lists, with random initial weights or those of --weights, or an .onnx file, written anew (another batch or operator set). Nodes are named after their modules, as in layer1.0.se.fc1/Conv; how to prepare images is in the metadata, under senet.",
    )
    .argument("<model|file.onnx>", "a name that `senet models` lists, or a model file");
  const options = [
    option("-o, --out <file.onnx>", "where to write; replaces a file there, as a whole or not at all"),
    option("--opset <n>", `version of the ONNX operator set, ${opsetRange.min} to ${opsetRange.max}`, {
      parse: opset("--opset"),
      fallback: opsetRange.min,
    }),
    option("--batch <n|symbolic>", "images at once: a number, or any number", {
      parse: batch("--batch"),
      described: "symbolic, or the file's own",
    }),
    ...modelOptions(),
    ...weightsOptions(),
    option("--seed <n>", "names the random initial weights of a model given by name", {
      parse: whole("--seed", { min: 0 }),
      described: "0",
    }),
    ...seOptions(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, flags: ExportFlags) => {
    const { exportModel } = await import("./run.ts");
    await exportModel(model, flags);
  });
}

function opset(name: string): ParseValue<number> {
  return (text) => {
    const version = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (version >= opsetRange.min && version <= opsetRange.max) return version;
    const why = version < opsetRange.min ? ", as older ones lack operators or mean others by them" : "";
    const found = Number.isNaN(version) ? `"${text}"` : text;
    throw new SenetError(
      "usage",
      `${name}: expected ${opsetRange.min} to ${opsetRange.max}, found ${found}; choose one of these${why}.`,
    );
  };
}

/** `symbolic` is the dimension that the networks call N. */
function batch(name: string): ParseValue<number | string> {
  return (text) => {
    if (text === "symbolic") return "N";
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new SenetError(
      "usage",
      `${name}: expected a whole number of at least 1, or symbolic, found "${text}"; correct it.`,
    );
  };
}
