import { reasonOf, SenetError } from "../base/errors.ts";
import { randomStream } from "../base/random.ts";
import { type Graph, knownShape, Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import { uniformFanIn } from "../nn/initializers.ts";
import { checkFloat32 } from "../passes/graph/check-float32.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { findHead, type Head } from "./find-head.ts";

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
  const { weight, classAxis } = head;
  checkFloat32([weight], `A fresh classifier for ${graph.name}`);
  const renewed = new Map(
    [...drawnHead(head, classes, seed)].map(([old, tensor]) => [
      old,
      new Value("parameter", "float32", tensor.shape, { name: old.name, tensor }),
    ]),
  );
  try {
    return rebuild(graph, { leaf: (value) => renewed.get(value) ?? value });
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new SenetError(
      "graph",
      `${graph.name}: expected a network that takes ${classes} classes, found one whose last layers fix ${weight.shape[classAxis]} (${reasonOf(cause)}); keep its classes.`,
      { cause },
    );
  }
}

/** The weight and bias of a classifier for that many classes, drawn as PyTorch draws those of a fully connected layer. */
export function drawnHead({ weight, bias, classAxis }: Head, classes: number, seed: number) {
  const known = knownShape(weight)[classAxis];
  const fanIn = sizeOf(knownShape(weight)) / known;
  const drawn = new Map<Value, Tensor>();
  for (const [stream, value] of [weight, bias].entries()) {
    if (!value) continue;
    // Behind a convolution, the classes of an added bias are not its last axis.
    const changed = value === weight ? classAxis : value.shape.lastIndexOf(known);
    const shape = knownShape(value).map((dim, axis) => (axis === changed ? classes : dim));
    const data = new Float32Array(sizeOf(shape));
    uniformFanIn(fanIn)(data, shape, randomStream(seed, stream));
    drawn.set(value, { dtype: "float32", shape, data });
  }
  return drawn;
}
