import { describe, expect, it } from "vitest";
import { complexity } from "../src/analysis/complexity.ts";
import { parametersOf } from "../src/ir/graph.ts";
import { createModel } from "../src/models/create-model.ts";
import { excitationNames, gateNames, squeezeNames } from "../src/nn/se-names.ts";
import { verify } from "../src/ops/verify.ts";
import { matchSE } from "../src/passes/se/match-se.ts";
import { firstSteps } from "./support/first-steps.ts";
import { buildVariant, families, placementsOf, variants } from "./support/se-sweep.ts";

/** SE blocks of each network: one a unit, but where a unit lacks the place. */
const blocks: Readonly<Record<string, number>> = {
  seresnet8: 3,
  seresnext50_32x4d: 16,
  segooglenet: 9,
  sevgg16_bn: 13,
  semobilenetv1_100: 13,
  seshufflenet_g3_w1: 16,
};

it("every squeeze, excitation and gate has a variant", () => {
  const options = variants.map((variant) => variant.options);
  expect(new Set(options.map(({ squeeze = "avg" }) => squeeze))).toEqual(new Set(squeezeNames));
  expect(new Set(options.map(({ excitation = "fc" }) => excitation))).toEqual(new Set(excitationNames));
  expect(new Set(options.map(({ gate = "sigmoid" }) => gate))).toEqual(new Set(gateNames));
});

describe.each(families)("$name", (family) => {
  const { name, size } = family;
  const plain = complexity(createModel(name, { classes: 10, input: [3, size, size], se: false }));

  it.each(placementsOf(family))("has every variant at the place %s, counted exactly", (placement) => {
    for (const variant of variants) {
      const graph = buildVariant(family, variant, placement);
      verify(graph);
      const found = matchSE(graph);
      const what = `${JSON.stringify(variant.options)} in ${name}, ${placement}`;
      expect(found, what).toHaveLength(blocks[name]);
      const expected = found.reduce((sum, { scale, channels }) => {
        const [, , height, width] = scale.outputs[0].shape.map(Number);
        return sum + variant.parameters(channels, height, width);
      }, 0);
      const { parameters, se, macs } = complexity(graph);
      expect(se.parameters, what).toBe(expected);
      expect(parameters - expected, what).toBe(plain.parameters);
      expect(macs - se.macs, what).toBe(plain.macs);
    }
  });
});

describe("learns, exports and runs", () => {
  // The rest of the sweep, which takes longer, is scripts/sweep-se.ts.
  const [family] = families;
  it.each(variants.map(({ options }, i) => [JSON.stringify(options), variants[i]] as const))(
    "%s",
    async (_, variant) => {
      const placement = placementsOf(family)[variants.indexOf(variant) % placementsOf(family).length];
      const { losses, reached, finite } = await firstSteps(buildVariant(family, variant, placement));
      expect(losses.at(-1)).toBeLessThan(losses[0]);
      expect({ reached, finite }).toEqual({
        reached: parametersOf(buildVariant(family, variant, placement)).length,
        finite: true,
      });
    },
  );
});
