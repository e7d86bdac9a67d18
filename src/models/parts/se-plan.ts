import { unknownOption } from "../../base/check-options.ts";
import { nearest, SenetError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import type { SEFamily } from "../../nn/excitations.ts";
import { squeezeExcite } from "../../nn/se.ts";
import type { Placement } from "../../nn/se-names.ts";
import { checkSEOptions, type SEOptions, seOptionNames, show } from "../../nn/se-options.ts";

/** The SE blocks of one stage. */
export interface StagePlan extends SEOptions {
  /** Default `"standard"`. */
  readonly placement?: Placement;
}

/** The SE blocks of a whole network. */
export interface SEPlan extends StagePlan {
  /**
   * Stages that have blocks, or for some stages what is different there, `false` for no blocks. Default: all, alike. A residual network's
   * stages have the paper's numbers: stage 2 is `layer1`, the first after the stem.
   *
   * @example { reduction: 16, stages: { 2: { squeeze: "grid", reduction: 4 }, 5: { hidden: [] }, 4: false } }
   */
  readonly stages?: readonly number[] | Readonly<Record<number, StagePlan | false>>;
}

/** Where a network has room for SE blocks. */
export interface SEPlaces {
  readonly stages: readonly number[];
  readonly placements: readonly Placement[];
}

/** What a stage gets of a plan: all of it, with that stage's changes, or no blocks. */
export function forStage(plan: SEPlan | undefined, stage: number): StagePlan | undefined {
  if (plan === undefined) return undefined;
  const { stages, ...all } = plan;
  if (stages === undefined) return all;
  if (isList(stages)) return stages.includes(stage) ? all : undefined;
  const changes = stages[stage];
  return changes === false ? undefined : withChanges(all, changes ?? {});
}

/** A plan with changes; options that the new squeeze or excitation does not have are dropped. */
export function withChanges<Plan extends StagePlan>(plan: Plan, changes: Plan): Plan {
  const { grid: _grid, tile: _tile, ...unsqueezed } = plan;
  const kept = changes.squeeze === undefined ? plan : (unsqueezed as Plan);
  const { hidden: _hidden, norm: _norm, ...unexcited } = kept;
  return { ...(changes.excitation === undefined ? kept : (unexcited as Plan)), ...changes };
}

/** An SE block of a unit: the plan of its stage, its name, and what the family decides. */
export interface UnitSE {
  readonly se: StagePlan | undefined;
  /** Default `se`. */
  readonly seName?: string;
  readonly seFamily?: SEFamily;
}

/** `y` with the unit's SE block on it, if the plan has it at that place. */
export function seAt(b: GraphBuilder, place: Placement, y: Value, unit: UnitSE): Value {
  const { se, seName = "se", seFamily } = unit;
  if (!se) return y;
  const { placement = "standard", ...options } = se;
  return placement === place ? squeezeExcite(b, seName, y, options, seFamily) : y;
}

/**
 * Checks a plan that may come from an untyped source.
 *
 * @param what names the network for messages
 * @throws SenetError `usage` with what is allowed and which places the network has, or the nearest name for an option that does not exist
 */
export function checkPlan(plan: SEPlan, what: string, places: SEPlaces): void {
  const { stages, ...all } = plan;
  checkStage(all, what, places, [...planNames, "stages"]);
  if (stages === undefined) return;
  const isRecord = typeof stages === "object" && stages !== null;
  const named = !isRecord ? [] : isList(stages) ? [...stages] : Object.keys(stages).map(Number);
  const wrong = named.filter((stage) => !places.stages.includes(stage));
  if (!isRecord || wrong.length > 0 || named.length === 0) {
    const found = isRecord ? wrong.join(", ") || "none" : show(stages);
    const advice = named.length > 0 ? "correct them" : "`se: false` leaves all blocks out";
    throw new SenetError(
      "usage",
      `${what}: expected \`stages\` with SE blocks among ${places.stages.join(", ")}, found ${found}; ${advice}.`,
    );
  }
  if (isList(stages)) return;
  for (const [stage, changes] of Object.entries(stages)) {
    if (changes === false) continue;
    if (typeof changes !== "object" || changes === null) {
      throw new SenetError(
        "usage",
        `${what}: expected of stage ${stage} changes to its SE blocks, or false, found ${show(changes)}; write them as { reduction: 8 }.`,
      );
    }
    checkStage(withChanges(all, changes), `${what}, stage ${stage}`, places, planNames);
  }
}

const planNames = [...seOptionNames, "placement"];

function checkStage(
  { placement, ...options }: StagePlan,
  what: string,
  { placements: known }: SEPlaces,
  names: readonly string[],
): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownOption(unknown, names, `${what}, \`se\``);
  checkSEOptions(options, what);
  if (placement === undefined || known.includes(placement)) return;
  throw new SenetError(
    "usage",
    `${what}: expected the \`placement\` of its SE blocks to be ${known.join(", ")}, found ${show(placement)}${nearest(`${placement}`, known)}; choose a place that the network has.`,
  );
}

/** `Array.isArray`, for lists that may not be written to. */
function isList(stages: NonNullable<SEPlan["stages"]>): stages is readonly number[] {
  return Array.isArray(stages);
}

/** The paper's block: ⌊C/16⌋ hidden units. */
export const paperSE: SEPlan = { reduction: 16, minimumHidden: 1 };

/** timm's `SEModule`: C/16 rounded to a multiple of 8. */
export const timmSE: SEPlan = { reduction: 16, divisor: 8 };

/** CIFAR networks are narrow: C/16 of 16 channels would be one hidden unit, so at least 4 are kept. */
export const cifarSE: SEPlan = { reduction: 16, minimumHidden: 4 };

/** MobileNetV3's: a quarter, rounded to a multiple of 8, and a cheap gate. */
export const mobileNetV3SE: SEPlan = {
  reduction: 4,
  minimumHidden: 1,
  divisor: 8,
  gate: "hard-sigmoid",
  placement: "conv3x3",
};

/** EfficientNet's: a quarter of the unit's input channels. */
export const efficientNetSE: SEPlan = {
  reduction: 4,
  minimumHidden: 1,
  activation: "silu",
  placement: "conv3x3",
};

/** RegNet's: a quarter of the unit's input channels, after the 3×3 convolution. */
export const regNetSE: SEPlan = { reduction: 4, minimumHidden: 1, placement: "conv3x3" };
