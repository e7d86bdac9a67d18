import { defineCommand } from "../shared/define-command.ts";

export const command = defineCommand({
  summary: "list the models with their parameters and MACs",
  description: "The models that are known by name, with their parameters, MACs and input shape.",
  arguments: [],
  options: {},
});
