import { Command } from "commander";
import { reportFailure } from "../src/cli/shared/failure.ts";
import { decimal, oneOf, whole } from "../src/cli/shared/parse.ts";
import { engineChoices } from "../src/train/engine/engine.ts";
import { benchEngines } from "./engines.ts";
import { benchFloor } from "./floor.ts";
import { benchInfer } from "./infer.ts";
import { benchMemory } from "./memory.ts";
import { benchPredict } from "./predict.ts";
import { benchProfile } from "./profile.ts";
import { benchTrain } from "./train.ts";

const positive = (option: string) => (text: string) => whole({ min: 1 })(text, option);

const program = new Command("npm run bench --").description(
  "Timings as JSON. Run them alone: other load on the machine distorts them.",
);

function command(name: string, description: string, model: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--model <name>", "network", model)
    .option("--json", "print the result as one line of JSON and nothing else");
}

/** What a comparison of engines takes. */
function comparison(name: string, description: string, model: string): Command {
  return command(name, description, model)
    .option("--threads <n>", "threads of each engine", positive("--threads"), 2)
    .option(
      "--torch <python>",
      "interpreter with PyTorch, to compare with (and timm, for networks of ImageNet)",
    )
    .option("--compiled", "with --torch: torch.compile as well; it needs a C++ compiler")
    .option("--compile-limit <s>", "maximum seconds for compiling", positive("--compile-limit"), 600)
    .option(
      "--tfjs <dir>",
      "folder with TensorFlow.js, to compare with (npm install --prefix DIR @tensorflow/tfjs @tensorflow/tfjs-backend-wasm)",
    )
    .option("--jax-js <dir>", "folder with jax-js, to compare with (npm install --prefix DIR @jax-js/jax)")
    .option(
      "--budget <s>",
      "seconds of timed runs after which a slow one skips the remaining rounds; it has at least one turn",
      (text: string) => decimal({ above: 0 })(text, "--budget"),
      20,
    )
    .option("--chart <file>", "write a chart of the result (SVG)");
}

const engine = [
  "--engine <name>",
  `what computes our steps: ${engineChoices.join(", ")}`,
  (text: string) => oneOf(engineChoices)(text, "--engine"),
  "auto",
] as const;

/** The step of training that is timed. */
function ofStep(command: Command): Command {
  return command
    .option("--size <n>", "height and width of the images", positive("--size"), 32)
    .option("--batch <n>", "images per step", positive("--batch"), 128);
}

ofStep(
  comparison(
    "train",
    "the training step, alone or by turns with other libraries' on the same network and optimizer",
    "seresnet20",
  ),
)
  .option(...engine)
  .option("--steps <n>", "timed steps per round", positive("--steps"), 5)
  .option("--rounds <n>", "rounds; in each all take turns", positive("--rounds"), 12)
  .option(
    "--js-batch <n>",
    "images per step of the JavaScript libraries, which need seconds for few; ratios are by image",
    positive("--js-batch"),
    2,
  )
  .action(benchTrain);

ofStep(command("memory", "resident memory over many training steps", "seresnet20"))
  .option("--threads <n>", "threads of the engine", positive("--threads"), 2)
  .option(...engine)
  .option("--steps <n>", "training steps", positive("--steps"), 1000)
  .action(benchMemory);

ofStep(
  command(
    "floor",
    "what bounds a training step from below: its operations and bytes at this machine's rates",
    "seresnet20",
  ),
)
  .option("--threads <n>", "threads of the engine", positive("--threads"), 2)
  .option("--rounds <n>", "rounds; in each a step, a product and a sum take turns", positive("--rounds"), 15)
  .action(benchFloor);

ofStep(command("profile", "where the time of a training step on oneDNN goes, by operator", "seresnet20"))
  .option("--threads <n>", "threads of the engine", positive("--threads"), 2)
  .option("--steps <n>", "timed steps", positive("--steps"), 10)
  .action(benchProfile);

program
  .command("engines")
  .description("the training step of every listed network on both engines, by turns")
  .argument("[networks...]", "only these")
  .option("--threads <n>", "threads of each engine", positive("--threads"), 2)
  .option("--rounds <n>", "rounds; in each both take turns", positive("--rounds"), 5)
  .option("--json", "print the result as one line of JSON and nothing else")
  .action(benchEngines);

command(
  "predict",
  "from the shell to the first prediction in a fresh process, by turns with others; run `npm run build` first",
  "seresnet50",
)
  .argument("<image>", "a JPEG")
  .option("--rounds <n>", "rounds; in each all take turns", positive("--rounds"), 9)
  .option("--torch <python>", "interpreter with PyTorch and timm, to compare with")
  .action(benchPredict);

comparison(
  "infer",
  "an SE network, its plain twin and rewritten forms, by turns with other libraries: one image at a time, then in batches",
  "seresnet50",
)
  .option("--rounds <n>", "rounds; in each all take turns", positive("--rounds"), 40)
  .option(
    "--batch <n>",
    "images of the throughput, in a fifth as many rounds; 1 leaves it out",
    positive("--batch"),
    16,
  )
  .option(
    "--at-once <n>",
    "images in one run of ours, instead of as many as `senet eval` takes",
    positive("--at-once"),
  )
  .action(benchInfer);

for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .showSuggestionAfterError()
    // Failures are reported by `reportFailure`, all in one way.
    .configureOutput({ outputError: () => {} });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error, process.argv.includes("--debug"));
}
