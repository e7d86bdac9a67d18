import { SenetError } from "../base/errors.ts";
import { input, numberAttr, optionalInput, scalarInput } from "./arguments.ts";
import { mapTensor, zipTensors } from "./elementwise.ts";
import type { ReferenceFunction } from "./types.ts";

export const relu: ReferenceFunction = (inputs) => [mapTensor(input(inputs, 0), (x) => Math.max(0, x))];

export const sigmoid: ReferenceFunction = (inputs) => [
  mapTensor(input(inputs, 0), (x) => 1 / (1 + Math.exp(-x))),
];

/** ONNX HardSigmoid: `max(0, min(1, alpha·x + beta))`. */
export const hardSigmoid: ReferenceFunction = (inputs, attrs) => {
  const alpha = numberAttr(attrs, "alpha", 0.2);
  const beta = numberAttr(attrs, "beta", 0.5);
  return [mapTensor(input(inputs, 0), (x) => Math.max(0, Math.min(1, alpha * x + beta)))];
};

/** ONNX HardSwish: `x · max(0, min(1, x/6 + 1/2))`. */
export const hardSwish: ReferenceFunction = (inputs) => [
  mapTensor(input(inputs, 0), (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
];

/** ONNX LeakyRelu. */
export const leakyRelu: ReferenceFunction = (inputs, attrs) => {
  const alpha = numberAttr(attrs, "alpha", 0.01);
  return [mapTensor(input(inputs, 0), (x) => (x < 0 ? alpha * x : x))];
};

/** ONNX PRelu: the slope below 0 is input 1. */
export const pRelu: ReferenceFunction = (inputs) => [
  zipTensors(input(inputs, 0), input(inputs, 1), (x, slope) => (x < 0 ? slope * x : x)),
];

/** ONNX Elu: `alpha · (exp x − 1)` below 0. */
export const elu: ReferenceFunction = (inputs, attrs) => {
  const alpha = numberAttr(attrs, "alpha", 1);
  return [mapTensor(input(inputs, 0), (x) => (x < 0 ? alpha * Math.expm1(x) : x))];
};

/** ONNX Selu: `gamma` times an Elu. */
export const selu: ReferenceFunction = (inputs, attrs) => {
  const alpha = numberAttr(attrs, "alpha", 1.6732632423543772);
  const gamma = numberAttr(attrs, "gamma", 1.0507009873554805);
  return [mapTensor(input(inputs, 0), (x) => gamma * (x < 0 ? alpha * Math.expm1(x) : x))];
};

/** ONNX Softplus: `log(1 + exp x)`, written so that `exp` cannot overflow. */
export const softplus: ReferenceFunction = (inputs) => [
  mapTensor(input(inputs, 0), (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
];

/** ONNX Clip: `min(max, max(x, min))`, so that `max` wins where the bounds cross. */
export const clip: ReferenceFunction = (inputs) => {
  const low = optionalInput(inputs, 1) ? scalarInput(inputs, 1) : Number.NEGATIVE_INFINITY;
  const high = optionalInput(inputs, 2) ? scalarInput(inputs, 2) : Number.POSITIVE_INFINITY;
  return [mapTensor(input(inputs, 0), (x) => Math.min(high, Math.max(x, low)))];
};

/** `ReluGrad(dY, Y)`: at exactly 0 the gradient is 0, as in PyTorch. */
export const reluGrad: ReferenceFunction = (inputs) => [
  zipTensors(input(inputs, 0), input(inputs, 1), (dy, y) => (y > 0 ? dy : 0)),
];

/** `HardSigmoidGrad(dY, Y)`: the slope `alpha` strictly between the bounds. */
export const hardSigmoidGrad: ReferenceFunction = (inputs, attrs) => {
  const alpha = numberAttr(attrs, "alpha", 0.2);
  return [zipTensors(input(inputs, 0), input(inputs, 1), (dy, y) => (y > 0 && y < 1 ? alpha * dy : 0))];
};

/** ONNX Dropout in inference (`training_mode` false or absent): the identity. */
export const dropout: ReferenceFunction = (inputs) => {
  if (optionalInput(inputs, 2)?.data[0]) {
    throw new SenetError(
      "graph",
      "Dropout: expected training_mode false, found true; use DropoutTrain to train.",
    );
  }
  return [input(inputs, 0)];
};

/** `DropoutTrain(X, noise)`: keeps where the noise reaches `ratio`, and scales what is kept. */
export const dropoutTrain: ReferenceFunction = (inputs, attrs) => {
  const ratio = numberAttr(attrs, "ratio", 0.5);
  return [
    zipTensors(input(inputs, 0), input(inputs, 1), (x, noise) => (noise >= ratio ? x / (1 - ratio) : 0)),
  ];
};

/** `ShakeShake(A, B, forward, backward)`: shares of two branches, one share an image. */
export const shakeShake: ReferenceFunction = (inputs) => {
  const [first, second, forward] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const perImage = first.data.length / first.shape[0];
  const mixed = first.data.map((value, i) => {
    const share = forward.data[Math.floor(i / perImage)];
    return share * value + (1 - share) * second.data[i];
  });
  return [{ ...first, data: mixed }];
};
