import { Command } from "commander";
import { placeKinds } from "../../passes/se/find-se-places.ts";
import { weightsOptions } from "../shared/apply-weights.ts";
import type { InsertFlags } from "../shared/flags.ts";
import { modelOptions } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { seBlockOptions } from "../shared/se-flags.ts";
import { oneOf, stageList } from "../shared/values.ts";

export function insertCommand(): Command {
  const command = new Command("insert")
    .summary("put SE blocks into a network without changing what it computes")
    .description(
      "Put SE blocks into an .onnx file of any origin, or into a network of `senet models`. The new network computes what the old one did, which is tried on random inputs before the file is written, and everything in it can be trained: see `senet train`.",
    )
    .argument("<model|in.onnx>", "a model file, or a name that `senet models` lists")
    .argument("<out.onnx>", "where to write");
  const kinds = ["auto", ...placeKinds] as const;
  const options = [
    option("--place <kind>", kinds.join(", "), {
      parse: oneOf("--place", kinds),
      fallback: "auto",
      described: "auto: residual branches, else concatenations, else convolutions",
    }),
    option("--where <pattern>", "of these places only those whose block has such a name: 'layer3|layer4'", {
      described: "all",
    }),
    option("--stages <list>", "of these places only those in some stages, counted by map size from 2: 4,5", {
      parse: stageList("--stages"),
      described: "all",
    }),
    option("--initial <kind>", "neutral, which leaves the network's function as it was, or random", {
      parse: oneOf("--initial", ["neutral", "random"]),
      fallback: "neutral",
    }),
    ...seBlockOptions(),
    ...modelOptions(),
    ...weightsOptions(),
    option("--force", "replace a file that is there"),
    threadsOption(),
    ...commonOptions(),
  ];
  for (const one of options) command.addOption(one);
  return command.action(async (model: string, out: string, flags: InsertFlags) => {
    const { insertBlocks } = await import("./run.ts");
    await insertBlocks(model, out, flags);
  });
}
