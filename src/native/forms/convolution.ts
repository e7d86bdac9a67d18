import type { Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { ConvAttrs } from "../../ops/conv-shape.ts";
import type { ConvolutionDescs, Desc, PrimitiveDesc, Window } from "../binding/dnnl.ts";
import { ifThere } from "../binding/dnnl-error.ts";
import { FEW_CHANNELS, type Layout } from "../plan/layouts.ts";
import { noForm } from "../plan/no-form.ts";
import { perPlanner } from "../plan/per-planner.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";
import { windowOf } from "./window.ts";

/** A convolution and its gradients in the layout that suits all of them. */
export interface Convolution {
  readonly src: Desc;
  readonly dst: Desc;
  readonly forward: PrimitiveDesc;
  gradSrc(): PrimitiveDesc;
  gradWeights(bias: boolean): PrimitiveDesc;
}

/** Layouts in the order in which they are tried: blocks are quickest where oneDNN has a kernel for them. */
const layouts: readonly Layout[] = ["blocked", "channelsLast", "own", "plain"];

/**
 * The convolution of a map, whichever of it and its gradients is planned first: all three get the same layout, the first for which none has
 * a slow kernel.
 *
 * @param x sizes of the larger map, `w` of the weights [M,C/groups,kH,kW], `y` of the smaller map
 */
export function convolutionOf(
  planner: Planner,
  attrs: ConvAttrs,
  [x, w, y]: readonly (readonly number[])[],
  hasBias: boolean,
): Convolution {
  const key = JSON.stringify([attrs.strides, attrs.pads, attrs.dilations, attrs.group, x, w, y, hasBias]);
  const known = made(planner).get(key);
  if (known) return known;
  const window = windowOf(attrs, x, y);
  const work = sizeOf(y) * sizeOf(w.slice(1));
  // Slow kernels are for what is small, and has no other.
  for (const accepts of [isQuick, ...(work < LITTLE ? [() => true] : [])]) {
    for (const layout of layouts) {
      const found = inLayout(planner, layout, attrs.group, [x, w, y], window, hasBias);
      if (!found || !accepts(found, x)) continue;
      made(planner).set(key, found);
      return found;
    }
  }
  throw noForm(
    `Convolution of [${x.join(", ")}] by [${w.join(", ")}] in ${attrs.group} groups`,
    "it has slow kernels only",
  );
}

/** Multiplications of a convolution that a slow kernel may do: some milliseconds. */
const LITTLE = 1 << 20;

/** The first layer, of images of a few channels, needs no gradient of its input. */
function isQuick({ forward, gradSrc, gradWeights }: Convolution, [, channels]: readonly number[]): boolean {
  const used = [forward, gradWeights(false), ...(channels < FEW_CHANNELS ? [] : [gradSrc()])];
  return used.every(({ kernel }) => !kernel.startsWith("ref"));
}

const made = perPlanner<string, Convolution>();

function inLayout(
  planner: Planner,
  layout: Layout,
  groups: number,
  [x, w, y]: readonly (readonly number[])[],
  window: Window,
  hasBias: boolean,
): Convolution | undefined {
  const { dnnl, layouts } = planner;
  const weightDims = groups === 1 ? w : [groups, w[0] / groups, ...w.slice(1)];
  const desc = (dims: readonly number[]) =>
    layout === "own" ? layouts.any(dims) : layouts.desc(dims, layout);
  const bias = layouts.plain([w[0]]);
  const descs: ConvolutionDescs = {
    src: desc(x),
    weights: layouts.any(weightDims),
    bias: hasBias ? bias : undefined,
    dst: desc(y),
  };
  return ifThere(() => {
    const forward = dnnl.convolution(descs, window);
    const [src, dst] = [layouts.known(forward.desc("src")), layouts.known(forward.desc("dst"))];
    const chosen = { ...descs, src, dst };
    const plain = { ...chosen, bias: undefined };
    return {
      src,
      dst,
      forward,
      gradSrc: () =>
        planner.once("gradSrc", [forward.handle.toString()], () => dnnl.convolutionGradSrc(plain, window)),
      gradWeights: (withBias) =>
        planner.once("gradWeights", [forward.handle.toString(), withBias], () =>
          dnnl.convolutionGradWeights(withBias ? { ...plain, bias } : plain, window),
        ),
    };
  });
}

/** Weights in the order that a primitive wants; the first layer to ask chooses the one in which they are kept. */
export function weightsIn(planner: Planner, weights: Value, desc: Desc) {
  if (planner.isKept(weights)) planner.home(weights, desc);
  const found = planner.find(weights);
  // In rows by groups is in rows.
  if (planner.layouts.layoutOf(found.desc) === "plain" && String(dimsOf(weights)) !== String(desc.dims)) {
    return planner.reordered({ ...found, desc: planner.layouts.plain(desc.dims) }, desc);
  }
  return planner.read(weights, desc);
}
