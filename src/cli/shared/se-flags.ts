import type { Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import type { SEPlan } from "../../models/se-plan.ts";
import { type Activation, activationNames } from "../../nn/activations.ts";
import {
  type Excitation,
  excitationNames,
  type Gate,
  gateNames,
  type Placement,
  placements,
  type Squeeze,
  squeezeNames,
} from "../../nn/se-names.ts";
import { option } from "./options.ts";
import { decimal, oneOf, type ParseValue, stageList, whole } from "./values.ts";

/** What the options of `seOptions` say. Absent: the model's own. */
export interface SEFlags {
  readonly squeeze?: Squeeze;
  readonly grid?: number;
  readonly tile?: number;
  readonly excitation?: Excitation;
  readonly hidden?: readonly (number | string)[];
  readonly reduction?: number;
  readonly seNorm?: true;
  readonly seActivation?: Activation;
  readonly gate?: Gate;
  readonly seBias: boolean;
  readonly placement?: Placement;
  readonly stages?: readonly number[];
  readonly se?: SEPlan;
}

/** Changes to the SE blocks of a network given by name: what they are, and where. */
export function seOptions(): Option[] {
  return [
    ...seBlockOptions(),
    option("--placement <place>", `SE blocks: where in a unit: ${placements.join(", ")}`, {
      parse: oneOf("--placement", placements),
    }),
    option("--stages <list>", "SE blocks: only in these stages, such as 2,3,4; `layer1` is stage 2", {
      parse: stageList("--stages"),
    }),
    option(
      "--se <json>",
      `SE blocks: all of it as JSON, such as '{"stages": {"2": {"reduction": 4}, "5": false}}'`,
      { parse: plan("--se") },
    ),
  ];
}

/** What an SE block is. */
export function seBlockOptions(): Option[] {
  const named = <const T extends string>(flag: string, value: string, what: string, names: readonly T[]) =>
    option(`--${flag} <${value}>`, `${what}: ${names.join(", ")}`, { parse: oneOf(`--${flag}`, names) });
  const side = (flag: string, what: string) =>
    option(`--${flag} <n>`, what, { parse: whole(`--${flag}`, { min: 1 }) });
  return [
    named("squeeze", "kind", "SE blocks: what becomes of the map first", squeezeNames),
    side("grid", "with --squeeze grid: regions in height and in width (default: 2)"),
    side("tile", "with --squeeze tile: height and width of a window (default: 7)"),
    named("excitation", "kind", "SE blocks: fully connected layers or ECA's convolution", excitationNames),
    option(
      "--hidden <widths>",
      "SE blocks: hidden layers, such as C/r,C/r or 2C/r or 32; none: a single layer",
      {
        parse: widths("--hidden"),
      },
    ),
    option("--reduction <r>", "SE blocks: reduction ratio r of C/r hidden units", {
      parse: decimal("--reduction", { min: 1 }),
      described: "the model's own; 16 in most",
    }),
    option("--se-norm", "SE blocks: BatchNorm after each hidden layer"),
    named("se-activation", "name", "SE blocks: after each hidden layer", activationNames),
    named("gate", "name", "SE blocks: what makes the gates", gateNames),
    option("--no-se-bias", "SE blocks: no biases (default: biases)"),
  ];
}

/** The changes that flags ask for; undefined when they ask for none. What they say of one option twice, `--se` decides. */
export function sePlanOf(flags: Partial<SEFlags>): SEPlan | undefined {
  const { squeeze, grid, tile, excitation, hidden, reduction, seNorm, seActivation, gate, seBias, se } =
    flags;
  const { placement, stages: chosen } = flags;
  const given = {
    squeeze,
    grid,
    tile,
    excitation,
    hidden,
    reduction,
    gate,
    placement,
    stages: chosen,
    norm: seNorm,
    activation: seActivation,
    bias: seBias === false ? false : undefined,
    ...se,
  };
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(changes).length > 0 ? changes : undefined;
}

/**
 * Refuses changes to the SE blocks of a file, which has its own.
 *
 * @throws SenetError `usage`
 */
export function refuseSEPlan(file: string, changes: SEPlan | undefined): void {
  if (!changes) return;
  throw new SenetError(
    "usage",
    `Options of SE blocks, such as --reduction, work for a model given by name, found the file ${file}; leave them out.`,
  );
}

/** `C/r,2C/r,32` or `none`; what a width may be, the block itself checks. */
function widths(name: string): ParseValue<(number | string)[]> {
  return (text) => {
    if (text === "none") return [];
    const parts = text.split(",").map((part) => part.trim());
    if (parts.every((part) => part !== "")) {
      return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    }
    throw new SenetError(
      "usage",
      `${name}: expected widths separated by commas, such as C/r,32, or none, found "${text}"; correct it.`,
    );
  };
}

function plan(name: string): ParseValue<SEPlan> {
  return (text) => {
    try {
      const found: unknown = JSON.parse(text);
      if (typeof found === "object" && found !== null && !Array.isArray(found)) return found;
    } catch {
      // Told below.
    }
    throw new SenetError(
      "usage",
      `${name}: expected a JSON record, such as '{"reduction": 8}', found ${text}; correct it.`,
    );
  };
}
