import { fed, type OperatorCase } from "./operator-case.ts";

/** One way to convolve, without kernel_shape, which is the weight's. */
interface Geometry {
  readonly name: string;
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly group?: number;
}

const ring = [1, 1, 1, 1];
const two = [2, 2];

const geometries: readonly Geometry[] = [
  { name: "3×3 same", x: [2, 3, 6, 5], w: [4, 3, 3, 3], pads: ring },
  { name: "3×3 same, many channels", x: [2, 8, 3, 4], w: [8, 8, 3, 3], pads: ring },
  { name: "3×3 valid", x: [2, 3, 6, 5], w: [4, 3, 3, 3] },
  { name: "3×3 as large as the map", x: [2, 3, 3, 3], w: [4, 3, 3, 3] },
  { name: "3×3 stride 2, even size", x: [2, 3, 6, 8], w: [4, 3, 3, 3], strides: two, pads: ring },
  { name: "3×3 stride 2, odd size", x: [2, 3, 7, 5], w: [4, 3, 3, 3], strides: two, pads: ring },
  { name: "3×3 stride 2, last row unread", x: [2, 3, 6, 6], w: [4, 3, 3, 3], strides: two },
  { name: "3×3 wide padding", x: [2, 3, 4, 4], w: [2, 3, 3, 3], pads: [3, 3, 3, 3] },
  { name: "3×3 uneven padding", x: [2, 3, 6, 5], w: [4, 3, 3, 3], pads: [0, 1, 2, 0] },
  {
    name: "3×3 uneven padding, stride 2",
    x: [2, 3, 6, 5],
    w: [4, 3, 3, 3],
    pads: [0, 1, 2, 0],
    strides: two,
  },
  { name: "2×2", x: [2, 3, 5, 5], w: [4, 3, 2, 2], pads: [0, 0, 1, 1] },
  { name: "1×1", x: [2, 5, 4, 3], w: [4, 5, 1, 1] },
  { name: "1×1 on a 1×1 map", x: [3, 8, 1, 1], w: [4, 8, 1, 1] },
  { name: "1×1 stride 2", x: [2, 3, 6, 5], w: [4, 3, 1, 1], strides: two },
  { name: "1×1 stride 3, pixels skipped", x: [1, 3, 8, 9], w: [4, 3, 1, 1], strides: [3, 3] },
  { name: "1×1 padded", x: [2, 3, 4, 3], w: [4, 3, 1, 1], pads: ring },
  { name: "1×3 same", x: [2, 3, 4, 6], w: [4, 3, 1, 3], pads: [0, 1, 0, 1] },
  { name: "3×1 same", x: [2, 3, 6, 4], w: [4, 3, 3, 1], pads: [1, 0, 1, 0] },
  { name: "5×5 same", x: [1, 3, 7, 6], w: [2, 3, 5, 5], pads: [2, 2, 2, 2] },
  { name: "5×5 padded by 1", x: [1, 3, 7, 6], w: [2, 3, 5, 5], pads: ring },
  { name: "7×7 stride 2", x: [1, 3, 9, 10], w: [2, 3, 7, 7], strides: two, pads: [3, 3, 3, 3] },
  { name: "strides that differ", x: [2, 2, 7, 8], w: [2, 2, 3, 2], strides: [1, 3], pads: [1, 0, 1, 1] },
  { name: "dilation 2 same", x: [2, 2, 7, 6], w: [3, 2, 3, 3], dilations: two, pads: [2, 2, 2, 2] },
  {
    name: "dilation 2, stride 2",
    x: [2, 2, 8, 7],
    w: [3, 2, 3, 3],
    dilations: two,
    strides: two,
    pads: ring,
  },
  { name: "dilations that differ", x: [1, 2, 8, 7], w: [2, 2, 2, 3], dilations: [2, 1], pads: [0, 1, 0, 1] },
  // Larger than one chunk of the weight gradient, and not divisible into equal ones.
  { name: "3×3 in three chunks, the last smaller", x: [5, 4, 256, 256], w: [2, 4, 3, 3], pads: ring },
  { name: "group 2", x: [2, 4, 5, 6], w: [6, 2, 3, 3], pads: ring, group: 2 },
  { name: "group 2, 1×1", x: [2, 4, 5, 4], w: [6, 2, 1, 1], group: 2 },
  { name: "group 2, stride 2", x: [2, 4, 6, 5], w: [6, 2, 3, 3], pads: ring, strides: two, group: 2 },
  {
    name: "group 2, dilation 2",
    x: [1, 4, 6, 7],
    w: [2, 2, 3, 3],
    pads: [2, 2, 2, 2],
    dilations: two,
    group: 2,
  },
  { name: "depthwise", x: [2, 3, 5, 6], w: [3, 1, 3, 3], pads: ring, group: 3 },
  { name: "depthwise, stride 2", x: [2, 3, 7, 6], w: [3, 1, 3, 3], pads: ring, strides: two, group: 3 },
  { name: "many filters, stride 2", x: [2, 2, 7, 6], w: [90, 2, 3, 3], pads: ring, strides: two },
  { name: "many filters, 1×1, stride 2", x: [2, 1, 5, 6], w: [801, 1, 1, 1], strides: two },
  {
    name: "many filters, stride 3, dilation 2, group 2",
    x: [2, 2, 8, 7],
    w: [480, 1, 2, 4],
    pads: [1, 2, 0, 3],
    strides: [3, 3],
    dilations: two,
    group: 2,
  },
  { name: "more weights than pixels", x: [1, 8, 3, 2], w: [32, 8, 3, 3], pads: ring },
  { name: "more weights than pixels, stride 2", x: [1, 8, 4, 3], w: [24, 8, 3, 3], pads: ring, strides: two },
  { name: "more weights than pixels, 1×1, stride 2", x: [2, 32, 3, 4], w: [64, 32, 1, 1], strides: two },
  { name: "depthwise, two filters a channel", x: [2, 3, 5, 5], w: [6, 1, 3, 3], pads: ring, group: 3 },
];

/** `Conv(X, W)`, and with a bias the first and the grouped ones. */
export function convCases(): [OperatorCase, ...OperatorCase[]] {
  const [first, ...rest] = geometries.map((geometry) => conv(geometry, false));
  return [
    first,
    ...rest,
    ...geometries.filter(({ name }) => /same|group/.test(name)).map((g) => conv(g, true)),
  ];
}

function conv(geometry: Geometry, bias: boolean): OperatorCase {
  const { name, x, w } = geometry;
  const inputs = [fed(x), fed(w), ...(bias ? [fed([w[0]])] : [])];
  return { name: bias ? `${name}, bias` : name, inputs, attrs: attributes(geometry) };
}

/** `ConvGradInput(dY, W)`. */
export function convGradInputCases(): [OperatorCase, ...OperatorCase[]] {
  const [first, ...rest] = geometries.map((geometry) => ({
    name: geometry.name,
    inputs: [fed(outputShape(geometry)), fed(geometry.w)],
    attrs: { ...attributes(geometry), input_shape: geometry.x },
  }));
  return [first, ...rest];
}

/** `ConvGradWeight(X, dY)`. */
export function convGradWeightCases(): [OperatorCase, ...OperatorCase[]] {
  const [first, ...rest] = geometries.map((geometry) => ({
    name: geometry.name,
    inputs: [fed(geometry.x), fed(outputShape(geometry))],
    attrs: attributes(geometry),
  }));
  return [first, ...rest];
}

function attributes({ w, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1 }: Geometry) {
  return { kernel_shape: w.slice(2), strides, pads, dilations, group };
}

/** By counting the places where the window lies inside the padded map: independent of `windowDim`. */
function outputShape(geometry: Geometry): number[] {
  const { x, w } = geometry;
  const { strides, pads, dilations } = attributes(geometry);
  const places = [0, 1].map((axis) => {
    const end = x[axis + 2] + pads[axis + 2];
    let count = 0;
    for (let start = -pads[axis]; start + (w[axis + 2] - 1) * dilations[axis] < end; start += strides[axis])
      count++;
    return count;
  });
  return [x[0], w[0], ...places];
}
