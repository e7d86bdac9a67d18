import { Command } from "commander";
import type { CommonFlags } from "../shared/flags.ts";
import { commonOptions } from "../shared/options.ts";

export function modelsCommand(): Command {
  const command = new Command("models")
    .summary("list the networks with their parameters and MACs")
    .description("The networks that are known by name, with their parameters, MACs and input.");
  for (const one of commonOptions()) command.addOption(one);
  return command.action((flags: CommonFlags) => run(flags));
}

async function run({ json }: CommonFlags): Promise<void> {
  const { registry } = await import("../../models/registry.ts");
  const { createModel } = await import("../../models/create-model.ts");
  const { complexity } = await import("../../analysis/complexity.ts");
  const { formatTable } = await import("../../report/text-table.ts");
  const { printJson, printText } = await import("../shared/print.ts");
  const { amount } = await import("../../base/format.ts");
  const models = Object.entries(registry).map(([name, { description, input, classes }]) => {
    const { parameters: params, macs, flops } = complexity(createModel(name));
    return { name, description, input, classes, params, macs, flops };
  });
  if (json) return printJson(models);
  const rows = models.map(({ name, params, macs, input, description }) => [
    name,
    params,
    amount(macs),
    input.join("×"),
    description,
  ]);
  printText(formatTable(["model", "parameters", "MACs", "input", "description"], rows));
  printText(
    "\nMACs of one image; 1 MAC = 2 FLOPs; M = 10⁶, G = 10⁹. CIFAR ResNets of any other depth 6n + 2 work as well, such as seresnet164.",
  );
}
