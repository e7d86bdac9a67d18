import { complexity } from "../../analysis/complexity.ts";
import { amount } from "../../base/format.ts";
import { createModel } from "../../models/create-model.ts";
import { registry } from "../../models/registry.ts";
import { formatTable } from "../../report/text-table.ts";
import type { Run } from "../shared/define-command.ts";
import { printJson, printText } from "../shared/print.ts";
import type { command } from "./command.ts";

/** `senet models`. */
export const run: Run<typeof command> = async (_, { json }) => {
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
    "\nMACs for one image; 1 MAC = 2 FLOPs; M = 10⁶, G = 10⁹. CIFAR ResNets of any other depth 6n + 2 work as well, such as seresnet164.",
  );
};
