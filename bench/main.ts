import { Command } from "commander";
import { benchInfer } from "./infer.ts";
import { benchMemory } from "./memory.ts";
import { benchPredict } from "./predict.ts";
import { benchTrain } from "./train.ts";

const program = new Command("npm run bench --").description(
  "Timings as JSON. Run them alone: whatever else the machine does is measured too.",
);

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--model <name>", "network", "seresnet20")
    .option("--size <n>", "height and width of the images", Number, 32)
    .option("--batch <n>", "images a step", Number, 128)
    .option("--threads <n>", "threads of each engine", Number, 2)
    .option("--json", "print the result as one line of JSON and nothing else");
}

command("train", "the training step, alone or in turn with PyTorch's on the same network, data and optimizer")
  .option("--steps <n>", "timed steps a round", Number, 5)
  .option("--rounds <n>", "rounds; in each the peers take turns", Number, 12)
  .option(
    "--torch <python>",
    "interpreter with PyTorch, to compare with (and timm, for networks of ImageNet)",
  )
  .option("--compiled", "PyTorch's compiled step as one more peer; it needs a C++ compiler")
  .action(benchTrain);

command("memory", "resident memory over many training steps")
  .option("--steps <n>", "training steps", Number, 1000)
  .action(benchMemory);

program
  .command("predict")
  .description(
    "from the shell to the first prediction in a fresh process, by turns with others; run `npm run build` first",
  )
  .argument("<image>", "a JPEG")
  .option("--model <name>", "network", "seresnet50")
  .option("--rounds <n>", "rounds; in each the peers take turns", Number, 9)
  .option("--torch <python>", "interpreter with PyTorch and timm, to compare with")
  .option("--json", "print the result as one line of JSON and nothing else")
  .action(benchPredict);

program
  .command("infer")
  .description(
    "one image through an SE network, its plain twin and rewritten forms, by turns with onnxruntime on timm's export and with PyTorch",
  )
  .option("--model <name>", "SE network", "seresnet50")
  .option("--threads <n>", "threads of each engine", Number, 2)
  .option("--rounds <n>", "rounds; in each the peers take turns", Number, 40)
  .option("--torch <python>", "interpreter with PyTorch and timm, to compare with")
  .option("--compiled", "with --torch: also torch.compile, which takes a minute or more to get ready")
  .option("--json", "print the result as one line of JSON and nothing else")
  .action(benchInfer);

await program.parseAsync();
