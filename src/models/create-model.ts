import { checkOptions } from "../base/check-options.ts";
import { SenetError } from "../base/errors.ts";
import type { Graph } from "../ir/graph.ts";
import type { Dim } from "../ir/shape.ts";
import { newGraph } from "../ops/new-graph.ts";
import { describeModel } from "./describe-model.ts";
import { findModel, whyUnknown } from "./find-model.ts";
import type { ModelEntry } from "./parts/model-entry.ts";
import { checkPlan, type SEPlan, withChanges } from "./parts/se-plan.ts";

/** Options of `createModel`. */
export interface ModelOptions {
  /** Default: what the registry says (1000 for ImageNet networks, 10 for CIFAR networks). */
  readonly classes?: number;
  /** Channels, height, width of the images. Default: what the registry says. */
  readonly input?: readonly [number, number, number];
  /** A number, or a symbol when any batch should fit. Default `"N"`. */
  readonly batch?: Dim;
  /** Names the random initial parameters. Default 0. */
  readonly seed?: number;
  /** Changes to the network's SE blocks, or `false` for the same network without them; not allowed for a network that has none. */
  readonly se?: SEPlan | false;
}

/** The names of all options. */
export const modelOptionNames = [
  "classes",
  "input",
  "batch",
  "seed",
  "se",
] as const satisfies readonly (keyof ModelOptions)[];

/**
 * A network that `findModel` knows as a graph: input `images` [batch, C, H, W] (float32), output `logits` [batch, classes].
 * How images become its input is in its metadata (`readDescription`).
 *
 * @throws SenetError `unknown-name` for a name that it does not know, `usage` for options that do not fit it, `shape`, naming the
 * layer, for an input that is too small
 * @example const graph = createModel("seresnet50", { classes: 100, se: { reduction: 8 } });
 */
export function createModel(name: string, options: ModelOptions = {}): Graph {
  const entry = findModel(name);
  if (!entry) throw new SenetError("unknown-name", whyUnknown(name));
  checkOptions(`Model ${name}`, options, modelOptionNames);
  const { classes = entry.classes, input = entry.input, batch = "N", seed = 0 } = options;
  if (!Number.isInteger(classes) || classes < 1) {
    throw new SenetError(
      "usage",
      `Model ${name}: expected a whole number of classes of at least 1, found ${classes}; correct it.`,
    );
  }
  if (!input.every((size) => Number.isInteger(size) && size >= 1)) {
    throw new SenetError(
      "usage",
      `Model ${name}: expected an input of channels × height × width, whole numbers of at least 1, found ${input.join("×")}; correct it.`,
    );
  }
  if (typeof batch === "number" ? !Number.isInteger(batch) || batch < 1 : batch === "") {
    throw new SenetError(
      "usage",
      `Model ${name}: expected a batch of at least 1, a whole number, or a symbol such as "N", found ${JSON.stringify(batch)}; correct it.`,
    );
  }
  const se = planOf(name, entry, options.se);
  const b = newGraph(name, { seed });
  const images = b.input("images", "float32", [batch, ...input]);
  try {
    b.output("logits", entry.build(b, images, { classes, ...(se && { se }) }));
  } catch (cause) {
    throw withInput(cause, name, input);
  }
  const graph = b.build();
  // What is known of color images says nothing about others.
  const described = input[0] === entry.preprocessing.mean.length;
  return described ? describeModel(graph, { model: name, input, ...entry.preprocessing }) : graph;
}

/** The SE blocks of a network with the changes wanted. */
function planOf(name: string, entry: ModelEntry, changes: SEPlan | false | undefined): SEPlan | undefined {
  if (changes === undefined) return entry.se;
  if (!entry.se) {
    throw new SenetError("usage", `Model ${name} has no SE blocks to change; ${twinHint(name)}.`);
  }
  if (changes === false) return undefined;
  const plan = withChanges(entry.se, changes);
  checkPlan(plan, `Model ${name}`, entry.places);
  return plan;
}

/** What to suggest instead of a plain network. */
function twinHint(name: string): string {
  const twin = name.replace(/^(legacy_)?/, "$1se");
  return findModel(twin) ? `choose its SE twin, ${twin}` : "leave its SE options out";
}

/** An error of a layer or an SE block, together with the input that it does not fit. */
function withInput(cause: unknown, name: string, input: readonly number[]): unknown {
  if (!(cause instanceof SenetError)) return cause;
  return new SenetError(cause.code, `Model ${name} with an input of ${input.join("×")}: ${cause.message}`, {
    cause,
  });
}
