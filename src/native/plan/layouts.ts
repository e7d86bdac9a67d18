import type { Desc, Dnnl } from "../binding/dnnl.ts";
import { rowStrides } from "../binding/row-strides.ts";

/** How the numbers of a tensor lie: in rows, in blocks of channels, pixel by pixel, or in a primitive's own way. */
export type Layout = "plain" | "blocked" | "channelsLast" | "own";

/** Images have fewer: their first convolution reads them in rows. */
export const FEW_CHANNELS = 4;

/** Of maps whose pixels lie one after the other, each with all its channels. */
function pixelStrides([, channels, height, width]: readonly number[]): number[] {
  return [channels * height * width, 1, width * channels, channels];
}

/** Descriptors of tensors by sizes and layout, each made once. */
export class Layouts {
  readonly #dnnl: Dnnl;
  readonly #made = new Map<string, Desc>();
  readonly #layoutOf = new Map<Desc, Layout>();
  /** Channels in a block, as this machine's convolutions like them. */
  readonly block: 8 | 16;

  constructor(dnnl: Dnnl) {
    this.#dnnl = dnnl;
    this.block = dnnl.isa.startsWith("avx512") ? 16 : 8;
  }

  /**
   * Only maps [N,C,H,W] have other layouts than rows. Blocks must be full: functions that make something of a padding's zeros have no
   * quick kernel. What does not fill them lies pixel by pixel; an image of a few channels stays in rows.
   */
  desc(dims: readonly number[], layout: Layout): Desc {
    if (layout === "plain" || dims.length !== 4 || dims[1] < FEW_CHANNELS) return this.plain(dims);
    if (layout === "blocked" && dims[1] % this.block === 0) return this.#blocked(dims);
    return dims[2] * dims[3] === 1 ? this.plain(dims) : this.#channelsLast(dims);
  }

  plain(dims: readonly number[]): Desc {
    return this.#once(dims, "plain", () => this.#dnnl.desc(dims));
  }

  /** What repeats along axes of a tensor in some layout: oneDNN's quick kernels want it in the same one, whatever it means there. */
  repeating(dims: readonly number[], layout: Layout): Desc {
    if (dims.length !== 4 || layout === "own") return this.desc(dims, layout);
    if (layout === "blocked") return this.#blocked(dims);
    return layout === "channelsLast" ? this.#channelsLast(dims) : this.plain(dims);
  }

  /** A matrix whose rows are columns in memory. */
  transposed(dims: readonly number[]): Desc {
    const strides = rowStrides(dims);
    const turned = [...strides.slice(0, -2), 1, dims[dims.length - 2]];
    return this.#once(dims, "own", () => this.#dnnl.desc(dims, turned), "transposed");
  }

  /** Sizes of which a primitive chooses the order. */
  any(dims: readonly number[]): Desc {
    return this.#once(dims, "own", () => this.#dnnl.tagged(dims, "any"), "any");
  }

  /** How many numbers apart neighbours on each axis lie; undefined for blocks, and what a primitive has ordered. */
  stridesOf(desc: Desc): readonly number[] | undefined {
    const layout = this.layoutOf(desc);
    if (layout === "plain") return rowStrides(desc.dims);
    return layout === "channelsLast" ? pixelStrides(desc.dims) : undefined;
  }

  layoutOf(desc: Desc): Layout {
    return this.#layoutOf.get(desc) ?? "own";
  }

  /** Whether the numbers lie in the same order, so that one may be read as the other. */
  same(a: Desc, b: Desc): boolean {
    if (a === b || this.#dnnl.same(a, b)) return true;
    if (String(a.dims) !== String(b.dims)) return false;
    return this.#liesInRows(a) && this.#liesInRows(b);
  }

  /** One of the known descriptors for what a primitive chose, if it is one. */
  known(desc: Desc): Desc {
    for (const layout of ["blocked", "channelsLast", "plain"] as const) {
      const candidate = this.desc(desc.dims, layout);
      if (this.#dnnl.same(candidate, desc)) return candidate;
    }
    return desc;
  }

  /** Maps of one pixel lie in rows in every layout, if no block is padded. */
  #liesInRows(desc: Desc): boolean {
    const layout = this.layoutOf(desc);
    if (layout === "own" || desc.dims.length !== 4 || desc.dims[2] * desc.dims[3] !== 1)
      return layout === "plain";
    return layout !== "blocked" || desc.dims[1] % this.block === 0;
  }

  #channelsLast(dims: readonly number[]): Desc {
    return this.#once(dims, "channelsLast", () => this.#dnnl.desc(dims, pixelStrides(dims)));
  }

  #blocked(dims: readonly number[]): Desc {
    const tag = this.block === 16 ? "blocked16" : "blocked8";
    return this.#once(dims, "blocked", () => this.#dnnl.tagged(dims, tag));
  }

  #once(dims: readonly number[], layout: Layout, make: () => Desc, name: string = layout): Desc {
    const key = `${name} ${dims}`;
    const known = this.#made.get(key);
    if (known) return known;
    const made = make();
    this.#made.set(key, made);
    this.#layoutOf.set(made, layout);
    return made;
  }
}
