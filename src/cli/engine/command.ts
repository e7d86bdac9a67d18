import { librarySources } from "../../native/library/install-options.ts";
import { defineCommand, option } from "../shared/define-command.ts";
import { oneOf } from "../shared/parse.ts";

export const command = defineCommand({
  summary: "show which engine trains, and install a faster one",
  description:
    "Training runs on ONNX Runtime, which comes with senet, or faster on oneDNN, a library of your system. Shows which oneDNN is found, its version, its kernels and its threads. `senet engine install` puts it into your cache, without root and for you alone.",
  arguments: [["[install]", "the word install"]],
  options: {
    from: option(
      "<source>",
      "for install: apt (the distribution's package) or conda-forge",
      oneOf(librarySources),
      { defaultText: "apt where it knows oneDNN, otherwise conda-forge" },
    ),
    baseUrl: {
      ...option("<url>", "for install: another server with conda-forge's packages"),
      hidden: true,
    },
  },
});
