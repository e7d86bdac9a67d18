import { defined } from "../../base/defined.ts";
import { usageError } from "../../base/errors.ts";
import type { SEPlan } from "../../models/parts/se-plan.ts";
import { activationNames } from "../../nn/activations.ts";
import { excitationNames, gateNames, placements, squeezeNames } from "../../nn/se-names.ts";
import { type FlagsOf, flag, group, negation, option } from "./define-command.ts";
import { decimal, oneOf, stages, whole, wrongValue } from "./parse.ts";

/** What an SE block is. */
export const seBlockOptions = group("SE blocks:", {
  squeeze: option("<kind>", `what the map is squeezed to: ${squeezeNames.join(", ")}`, oneOf(squeezeNames)),
  grid: option("<n>", "with --squeeze grid: regions along each side", whole({ min: 1 }), {
    defaultText: "2",
  }),
  tile: option("<n>", "with --squeeze tile: height and width of a window", whole({ min: 1 }), {
    defaultText: "7",
  }),
  excitation: option(
    "<kind>",
    `fully connected layers or ECA's convolution: ${excitationNames.join(", ")}`,
    oneOf(excitationNames),
  ),
  hidden: option("<widths>", "hidden layers, such as C/r,C/r or 2C/r or 32; none: a single layer", widths),
  reduction: option("<r>", "reduction ratio r: a hidden layer has C/r units", decimal({ min: 1 }), {
    defaultText: "the model's own; 16 in most",
  }),
  seNorm: flag("BatchNorm after each hidden layer"),
  seActivation: option(
    "<name>",
    `activation after each hidden layer: ${activationNames.join(", ")}`,
    oneOf(activationNames),
  ),
  gate: option("<name>", `gate function: ${gateNames.join(", ")}`, oneOf(gateNames)),
  seBias: negation("no biases", "biases"),
});

/** Changes to the SE blocks of a network given by name: what they are, and where. */
export const seOptions = {
  ...seBlockOptions,
  ...group("SE blocks:", {
    placement: option("<place>", `place in a unit: ${placements.join(", ")}`, oneOf(placements)),
    stages: option("<list>", "only in these stages, such as 2,3,4; stage 2 is `layer1`", stages),
    se: option(
      "<json>",
      `the whole configuration as JSON, such as '{"stages": {"2": {"reduction": 4}, "5": false}}'`,
      plan,
    ),
  }),
};

export type SEFlags = FlagsOf<typeof seOptions>;

/** The changes that flags ask for; undefined when they ask for none. If the flags contradict `--se`, that decides. */
export function sePlanOf(flags: Partial<SEFlags>): SEPlan | undefined {
  const { squeeze, grid, tile, excitation, hidden, reduction, gate, placement, stages } = flags;
  const changes = defined({
    ...{ squeeze, grid, tile, excitation, hidden, reduction, gate, placement, stages },
    ...{ norm: flags.seNorm, activation: flags.seActivation },
    bias: flags.seBias === false ? false : undefined,
    ...flags.se,
  });
  return Object.keys(changes).length > 0 ? changes : undefined;
}

/** `C/r,2C/r,32` or `none`; what a width may be, the block itself checks. */
function widths(text: string, option: string): (number | string)[] {
  if (text === "none") return [];
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) {
    throw wrongValue(option, "widths separated by commas, such as C/r,32, or none", text);
  }
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function plan(text: string, option: string): SEPlan {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === "object" && found !== null && !Array.isArray(found)) return found;
  } catch {
    // Refused below.
  }
  throw usageError(
    `${option}: expected a JSON record, such as '{"reduction": 8}', found "${text}"; correct it.`,
  );
}
