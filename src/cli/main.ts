#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { type AnyCommand, type AnyRun, setUp } from "./shared/define-command.ts";
import { reportFailure } from "./shared/failure.ts";
import { endAtInterrupt } from "./shared/interrupt.ts";
import { watchStreams } from "./shared/watch-streams.ts";

/** All commands: what each one takes, and what does its work, which is loaded only when it runs, so that help is instant. */
const commands: Record<
  string,
  readonly [() => Promise<{ command: AnyCommand }>, () => Promise<{ run: AnyRun }>]
> = {
  train: [() => import("./train/command.ts"), () => import("./train/run.ts")],
  eval: [() => import("./eval/command.ts"), () => import("./eval/run.ts")],
  predict: [() => import("./predict/command.ts"), () => import("./predict/run.ts")],
  compare: [() => import("./compare/command.ts"), () => import("./compare/run.ts")],
  models: [() => import("./models/command.ts"), () => import("./models/run.ts")],
  summary: [() => import("./summary/command.ts"), () => import("./summary/run.ts")],
  complexity: [() => import("./complexity/command.ts"), () => import("./complexity/run.ts")],
  export: [() => import("./export/command.ts"), () => import("./export/run.ts")],
  insert: [() => import("./insert/command.ts"), () => import("./insert/run.ts")],
  strip: [() => import("./strip/command.ts"), () => import("./strip/run.ts")],
  optimize: [() => import("./optimize/command.ts"), () => import("./optimize/run.ts")],
  profile: [() => import("./profile/command.ts"), () => import("./profile/run.ts")],
  ablate: [() => import("./ablate/command.ts"), () => import("./ablate/run.ts")],
  quantize: [() => import("./quantize/command.ts"), () => import("./quantize/run.ts")],
  engine: [() => import("./engine/command.ts"), () => import("./engine/run.ts")],
  quickstart: [() => import("./quickstart/command.ts"), () => import("./quickstart/run.ts")],
};

/** `senet` with the commands that the arguments name, or with all when they name none. */
async function program(args: readonly string[]): Promise<Command> {
  const root = new Command("senet")
    .description("Squeeze-and-Excitation networks: train, measure, edit and export them.")
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show this help, or that of a command")
    .showSuggestionAfterError()
    // Thrown and reported below, all failures in one way.
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ helpWidth: 110 })
    .addHelpText("after", EXAMPLES);
  const all = Object.entries(commands);
  const named = all.filter(([name]) => args.includes(name));
  for (const [name, [declaration, work]] of named.length > 0 ? named : all) {
    setUp(root.command(name), (await declaration()).command, work);
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
Exit code: 0 success, 1 failure, 2 wrong usage, 130 Ctrl-C.`;

/** Both `src/cli/` and `dist/cli/` lie two levels below the package's root. */
function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

watchStreams();
endAtInterrupt();
const args = process.argv.slice(2);
const root = await program(args);
try {
  // An unknown command ends in the same sentence with and without `help` before it.
  const isUnknown = args[0] === "help" && args.length > 1 && !Object.hasOwn(commands, args[1]);
  await root.parseAsync(isUnknown ? args.slice(1) : args, { from: "user" });
} catch (error) {
  const running = root.commands.find((command) => command.name() === args[0]);
  process.exitCode = reportFailure(error, args.includes("--debug"), running?.options, running?.opts().se);
}
