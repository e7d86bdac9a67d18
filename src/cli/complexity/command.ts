import { defineCommand, flag } from "../shared/define-command.ts";

export const command = defineCommand({
  summary: "reproduce the complexity figures of the SENet paper",
  description:
    "Every complexity figure that the SENet paper prints (Tables 2, 3, 10, 13, 15, 16, and dropping the last stage's blocks) beside what is counted here, and the reason where they differ.",
  arguments: [],
  options: { paper: flag("compare with the paper's printed figures") },
});
