import { type Random, randomStream } from "../../src/base/random.ts";
import type { GraphBuilder } from "../../src/ir/builder.ts";
import type { Graph, Value } from "../../src/ir/graph.ts";
import { batchNorm } from "../../src/nn/batch-norm.ts";
import { conv2d } from "../../src/nn/conv2d.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { linear } from "../../src/nn/linear.ts";
import { globalAveragePool } from "../../src/nn/pooling.ts";
import { squeezeExcite } from "../../src/nn/se.ts";
import { newGraph } from "../../src/ops/new-graph.ts";

/** Channels of which some fill blocks of 16, some of 8, some none. */
const CHANNELS = [4, 8, 12, 16, 24, 32];
const ACTIVATIONS = ["Relu", "Sigmoid", "Tanh", "HardSwish", "Elu"];

/** A small classifier put together at random, the same for the same seed: [N,3,8,8] → [N,4]. */
export function randomNetwork(seed: number): Graph {
  const random = randomStream(seed);
  const b = newGraph(`random-${seed}`, { seed });
  let x = b.input("images", "float32", ["N", 3, 8, 8]);
  const count = 2 + Math.floor(6 * random());
  x = batchNorm(b, "stem.bn", conv2d(b, "stem", x, { out: pick(random, CHANNELS), kernel: 3 }));
  for (let i = 0; i < count; i++) x = b.scope(`layer${i}`, () => pick(random, layers)(b, x, random));
  const features = b.op("Flatten", [globalAveragePool(b, x)]);
  b.output("logits", linear(b, "fc", random() < 0.3 ? dropout(b, features, 0.3) : features, { out: 4 }));
  return b.build();
}

type Layer = (b: GraphBuilder, x: Value, random: Random) => Value;

const layers: readonly Layer[] = [
  (b, x, random) => convolution(b, x, random),
  (b, x, random) => batchNorm(b, "bn", convolution(b, x, random)),
  (b, x, random) => activated(b, batchNorm(b, "bn", convolution(b, x, random)), random),
  (b, x, random) => activated(b, x, random),
  residual,
  residual,
  (b, x) => squeezeExcite(b, "se", x, { minimumHidden: 3 }),
  (b, x, random) => {
    const parts = [x, convolution(b, x, random, Number(x.shape[2]))];
    return b.op("Concat", parts, { axis: 1 });
  },
  (b, x) => b.op("MaxPool", [x], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }),
  (b, x) => b.op("AveragePool", [x], { kernel_shape: [2, 2], strides: [1, 1] }),
  shuffled,
];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(list.length * random())];
}

function activated(b: GraphBuilder, x: Value, random: Random): Value {
  return b.op(pick(random, ACTIVATIONS), [x]);
}

/** Of any kernel and number of groups; of stride 1 where the size must stay. */
function convolution(b: GraphBuilder, x: Value, random: Random, keepsSize?: number): Value {
  const channels = Number(x.shape[1]);
  const grouped = pick(random, [1, 1, 2, 4, channels]);
  const groups = channels % grouped === 0 ? grouped : 1;
  const out = groups === channels ? channels : groups * Math.ceil(pick(random, CHANNELS) / groups);
  const stride = keepsSize === undefined && Number(x.shape[2]) > 4 ? pick(random, [1, 1, 2]) : 1;
  return conv2d(b, "conv", x, {
    out,
    kernel: pick(random, [1, 3, 5]),
    stride,
    groups,
    bias: random() < 0.3,
  });
}

/** A branch, gated perhaps, beside its shortcut. */
function residual(b: GraphBuilder, x: Value, random: Random): Value {
  const channels = Number(x.shape[1]);
  const conv = conv2d(b, "conv", x, { out: channels, kernel: 3 });
  const branch = b.op("Relu", [batchNorm(b, "bn1", conv)]);
  const second = batchNorm(b, "bn2", conv2d(b, "conv2", branch, { out: channels, kernel: 3 }));
  const gated = random() < 0.6 ? squeezeExcite(b, "se", second, { minimumHidden: 2 }) : second;
  const sum = b.op("Add", random() < 0.5 ? [gated, x] : [x, gated]);
  return random() < 0.7 ? b.op("Relu", [sum]) : sum;
}

/** Channels in another order, as ShuffleNet changes them. */
function shuffled(b: GraphBuilder, x: Value): Value {
  const [, channels, height, width] = x.shape.map(Number);
  const grouped = b.op("Reshape", [x, b.constant([-1, 2, channels / 2, height * width])]);
  const turned = b.op("Transpose", [grouped], { perm: [0, 2, 1, 3] });
  return b.op("Reshape", [turned, b.constant([-1, channels, height, width])]);
}
