import { SenetError } from "../base/errors.ts";
import { randomStream } from "../base/random.ts";
import { type Graph, knownShape, Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import { uniformFanIn } from "../nn/initializers.ts";
import { checkFloat32 } from "../passes/graph/check-float32.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { findHead } from "./find-head.ts";

/**
 * A network of any origin with a fresh classifier for another number of classes: the first step of fine-tuning. Its weight and bias are drawn
 * as PyTorch draws those of a fully connected layer; everything else stays.
 *
 * @param seed of the random values
 * @throws SenetError `graph` when no classifier of float32 is found, or what follows it takes no other number of classes
 * @example resetHead(readOnnx(bytes), 10, 0)
 */
export function resetHead(graph: Graph, classes: number, seed: number): Graph {
  const head = findHead(graph);
  if (!head) {
    throw new SenetError(
      "graph",
      `${graph.name}: expected a network that ends in a fully connected layer or a convolution, found none; train it as it is.`,
    );
  }
  const { weight, bias, classAxis } = head;
  checkFloat32([weight], `A fresh classifier for ${graph.name}`);
  const fanIn = sizeOf(knownShape(weight)) / Number(weight.shape[classAxis]);
  const renewed = new Map(
    [weight, bias].flatMap((old, stream) => {
      if (!old) return [];
      const axis = old === weight ? classAxis : old.shape.length - 1;
      const shape = knownShape(old).with(axis, classes);
      const tensor = drawnTensor(shape, fanIn, seed, stream);
      return [[old, new Value("parameter", "float32", shape, { name: old.name, tensor })] as const];
    }),
  );
  try {
    return rebuild(graph, { leaf: (value) => renewed.get(value) ?? value });
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new SenetError(
      "graph",
      `${graph.name}: expected a network that takes ${classes} classes, found one whose last layers fix ${weight.shape[classAxis]} (${cause.message.replace(/\.$/, "")}); keep its classes.`,
      { cause },
    );
  }
}

/** A classifier's weight (`stream` 0) or bias (1), drawn as PyTorch draws those of a fully connected layer. */
export function drawnTensor(shape: readonly number[], fanIn: number, seed: number, stream: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  uniformFanIn(fanIn)(data, shape, randomStream(seed, stream));
  return { dtype: "float32", shape, data };
}
