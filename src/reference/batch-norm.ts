import { SenetError } from "../base/errors.ts";
import { sizeOf } from "../ir/shape.ts";
import { input, numberAttr } from "./arguments.ts";
import { refTensor } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

/** ONNX BatchNormalization in inference: `scale · (x − mean) / sqrt(var + epsilon) + bias`, channels on axis 1. */
export const batchNormalization: ReferenceFunction = (inputs, attrs) => {
  if (numberAttr(attrs, "training_mode", 0) !== 0) {
    throw new SenetError(
      "graph",
      "BatchNormalization: expected training_mode 0, found 1; use BatchNormTrain to train.",
    );
  }
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => input(inputs, i));
  const epsilon = numberAttr(attrs, "epsilon", 1e-5);
  return [
    mapChannels(x, (value, c) => {
      const normal = (value - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon);
      return scale.data[c] * normal + bias.data[c];
    }),
  ];
};

/**
 * `BatchNormTrain(X, scale, bias, mean, var)` → Y, batchMean, invStd, newMean, newVar. Normalizes by the biased
 * variance and tracks the unbiased one, with PyTorch's momentum (torch.nn.BatchNorm2d).
 */
export const batchNormTrain: ReferenceFunction = (inputs, attrs) => {
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => input(inputs, i));
  const epsilon = numberAttr(attrs, "epsilon", 1e-5);
  const momentum = numberAttr(attrs, "momentum", 0.1);
  const count = x.data.length / x.shape[1];
  const batchMean = sumByChannel(x, (value) => value / count);
  const batchVar = sumByChannel(x, (value, c) => (value - batchMean[c]) ** 2 / count);
  const invStd = batchVar.map((v) => 1 / Math.sqrt(v + epsilon));
  const y = mapChannels(x, (value, c) => scale.data[c] * (value - batchMean[c]) * invStd[c] + bias.data[c]);
  const track = (old: number, batch: number) => (1 - momentum) * old + momentum * batch;
  const newMean = mean.data.map((old, c) => track(old, batchMean[c]));
  const newVar = variance.data.map((old, c) => track(old, (batchVar[c] * count) / (count - 1)));
  return [y, ...[batchMean, invStd, newMean, newVar].map((data) => refTensor([x.shape[1]], data))];
};

/**
 * `BatchNormGrad(dY, X, scale, batchMean, invStd)` → dX, dScale, dBias. The batch statistics depend on X, so dX loses
 * its mean and its part along the normalized input (Ioffe and Szegedy 2015, section 3).
 */
export const batchNormGrad: ReferenceFunction = (inputs) => {
  const [dy, x, scale, batchMean, invStd] = [0, 1, 2, 3, 4].map((i) => input(inputs, i));
  const count = x.data.length / x.shape[1];
  const normal = mapChannels(x, (value, c) => (value - batchMean.data[c]) * invStd.data[c]);
  const dBias = sumByChannel(dy, (value) => value);
  const dScale = sumByChannel(dy, (value, _, i) => value * normal.data[i]);
  const dx = mapChannels(dy, (value, c, i) => {
    const centered = value - dBias[c] / count - (normal.data[i] * dScale[c]) / count;
    return scale.data[c] * invStd.data[c] * centered;
  });
  return [dx, refTensor([x.shape[1]], dScale), refTensor([x.shape[1]], dBias)];
};

/** Each element replaced, knowing its channel (axis 1) and its offset. */
function mapChannels(x: RefTensor, f: (value: number, channel: number, i: number) => number): RefTensor {
  return refTensor(
    x.shape,
    x.data.map((value, i) => f(value, channelOf(x, i), i)),
  );
}

/** One sum per channel of a function of each element. */
function sumByChannel(x: RefTensor, f: (value: number, channel: number, i: number) => number): Float64Array {
  const sums = new Float64Array(x.shape[1]);
  x.data.forEach((value, i) => {
    const channel = channelOf(x, i);
    sums[channel] += f(value, channel, i);
  });
  return sums;
}

function channelOf(x: RefTensor, offset: number): number {
  return Math.floor(offset / sizeOf(x.shape.slice(2))) % x.shape[1];
}
