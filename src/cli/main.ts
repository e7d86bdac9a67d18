#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, type Option } from "commander";
import { ablateCommand } from "./ablate/command.ts";
import { compareCommand } from "./compare/command.ts";
import { complexityCommand } from "./complexity/command.ts";
import { evalCommand } from "./eval/command.ts";
import { exportCommand } from "./export/command.ts";
import { insertCommand } from "./insert/command.ts";
import { modelsCommand } from "./models/command.ts";
import { optimizeCommand } from "./optimize/command.ts";
import { predictCommand } from "./predict/command.ts";
import { profileCommand } from "./profile/command.ts";
import { quantizeCommand } from "./quantize/command.ts";
import { quickstartCommand } from "./quickstart/command.ts";
import { reportFailure, withSynonym } from "./shared/failure.ts";
import { endAtInterrupt } from "./shared/interrupt.ts";
import { watchStreams } from "./shared/watch-streams.ts";
import { stripCommand } from "./strip/command.ts";
import { summaryCommand } from "./summary/command.ts";
import { trainCommand } from "./train/command.ts";

/** The options of the command that runs. */
let options: readonly Option[] = [];

/** `senet`, with its commands. What a command needs to do its work is loaded when it runs, so that help is instant. */
function program(): Command {
  const root = new Command("senet")
    .description("Squeeze-and-Excitation networks: train, measure, edit and export them.")
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show this help, or a command's")
    .addHelpText("after", EXAMPLES);
  root.hook("preAction", (_, command) => {
    options = command.options;
  });
  for (const make of [
    trainCommand,
    evalCommand,
    predictCommand,
    compareCommand,
    modelsCommand,
    summaryCommand,
    complexityCommand,
    exportCommand,
    insertCommand,
    stripCommand,
    optimizeCommand,
    profileCommand,
    ablateCommand,
    quantizeCommand,
    quickstartCommand,
  ]) {
    root.addCommand(make());
  }
  for (const command of [root, ...root.commands]) {
    command
      .showSuggestionAfterError()
      .exitOverride((error) => {
        throw withSynonym(
          error,
          command.options.map(({ long }) => long),
        );
      })
      // Failures are told by `reportFailure`, all in one way.
      .configureOutput({ outputError: () => {} })
      .configureHelp({ helpWidth: 110 });
    if (command !== root) command.helpOption("-h, --help", "show this help");
  }
  return root;
}

const EXAMPLES = `
Examples:
  senet train seresnet20 --data fashion-mnist-mini --epochs 5
  senet eval runs/seresnet20-fashion-mnist-mini
  senet compare runs/resnet20 runs/seresnet20 --report report.html
  senet predict net.onnx cat.jpg dog.jpg
  senet summary seresnet50
  senet complexity --paper
  senet export seresnet50 --weights seresnet50.pth -o seresnet50.onnx
  senet optimize seresnet50.onnx fast.onnx
  senet profile seresnet50.onnx
  senet insert resnet50.onnx seresnet50.onnx
  senet ablate reduction-ratio
  senet quantize net.onnx net-int8.onnx --calibrate photos

\`senet COMMAND --help\` shows a command's options with their defaults.
Exit code: 0 done, 1 failure, 2 wrong usage, 130 Ctrl-C.`;

/** Both `src/cli/` and `dist/cli/` lie two levels below the package's root. */
function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

watchStreams();
endAtInterrupt();
try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error, process.argv.includes("--debug"), options);
}
