import type { Graph, Node, Value } from "../src/ir/graph.ts";
import { usesOf } from "../src/ir/uses.ts";
import { type JsLibrary, requireFrom } from "./js-library.ts";
import { type Player, padsOf, play, type Rule, weightsOf } from "./play.ts";

/** The little of TensorFlow.js that is used here. Maps are [N, H, W, C], weights of convolutions [H, W, in, out]. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tidy<T>(compute: () => T): T;
  tensor(data: unknown, shape: readonly number[]): TfTensor;
  variable(start: TfTensor, trainable: boolean, name: string): TfTensor;
  oneHot(classes: readonly number[], depth: number): TfTensor;
  readonly fused: { conv2d(options: object): TfTensor };
  batchNorm(
    x: TfTensor,
    mean: TfTensor,
    variance: TfTensor,
    shift: TfTensor,
    scale: TfTensor,
    epsilon: number,
  ): TfTensor;
  moments(x: TfTensor, axes: readonly number[]): { mean: TfTensor; variance: TfTensor };
  maxPool(x: TfTensor, size: unknown, strides: unknown, pad: unknown): TfTensor;
  matMul(a: TfTensor, b: TfTensor, transposeA: boolean, transposeB: boolean): TfTensor;
  relu(x: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  logSoftmax(x: TfTensor): TfTensor;
  variableGrads(loss: () => TfTensor): { value: TfTensor; grads: Record<string, TfTensor> };
  readonly train: {
    momentum(rate: number, momentum: number, nesterov: boolean): { applyGradients(grads: object): void };
  };
}

interface TfTensor {
  readonly shape: readonly number[];
  readonly name: string;
  transpose(axes: readonly number[]): TfTensor;
  reshape(shape: readonly number[]): TfTensor;
  mean(axes: readonly number[], keepDims: boolean): TfTensor;
  sum(): TfTensor;
  add(other: TfTensor): TfTensor;
  mul(other: TfTensor | number): TfTensor;
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** The axes of NCHW in NHWC, and of OIHW in HWIO. */
const TO_NHWC = [0, 2, 3, 1];
const TO_HWIO = [2, 3, 1, 0];

/**
 * TensorFlow.js on WebAssembly, from a folder where the user installed it. In Node it has one thread
 * (tfjs-backend-wasm 4.22, `flags_wasm.ts`).
 *
 * @throws SenetError `usage` when it is not there
 */
export async function openTfjs(folder: string): Promise<JsLibrary> {
  const tf = requireFrom(folder, ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"], "--tfjs") as Tf;
  await tf.setBackend("wasm");
  await tf.ready();
  return {
    name: "tfjs wasm",
    inference(graph, images) {
      const player: Player<TfTensor> = { name: "tfjs", rules: rules(tf, graph, false), keep: (x) => x };
      const content = contentOf(tf, graph, (tensor) => tensor);
      content.set(graph.inputs[0], tf.tensor(images.data, images.shape).transpose(TO_NHWC));
      return async () => {
        const logits = tf.tidy(() => play(graph, player, content));
        const result = await logits.data();
        logits.dispose();
        return result;
      };
    },
    training(graph, { images, labels }, { lr, momentum, weightDecay }) {
      const player: Player<TfTensor> = { name: "tfjs", rules: rules(tf, graph, true), keep: (x) => x };
      const content = contentOf(tf, graph, (tensor, { name = "", role }) =>
        tf.variable(tensor, role === "parameter", name),
      );
      const variables = [...content.values()];
      content.set(graph.inputs[0], tf.tensor(images.data, images.shape).transpose(TO_NHWC));
      const targets = tf.oneHot(labels, graph.outputs[0].value.shape[1] as number);
      const optimizer = tf.train.momentum(lr, momentum, true);
      const loss = () =>
        tf
          .logSoftmax(play(graph, player, content))
          .mul(targets)
          .sum()
          .mul(-1 / labels.length);
      return async () => {
        const value = tf.tidy(() => {
          const { value, grads } = tf.variableGrads(loss);
          for (const variable of variables.filter(({ name, shape }) => name in grads && shape.length > 1)) {
            grads[variable.name] = grads[variable.name].add(variable.mul(weightDecay));
          }
          optimizer.applyGradients(grads);
          return value;
        });
        const [result] = await value.data();
        value.dispose();
        return result;
      };
    },
  };
}

/** The stored values, convolutions' weights as the library wants them. */
function contentOf(
  tf: Tf,
  graph: Graph,
  make: (tensor: TfTensor, value: Value) => TfTensor,
): Map<Value, TfTensor> {
  const filters = new Set(graph.nodes.filter(({ op }) => op === "Conv").map(({ inputs }) => inputs[1]));
  return new Map(
    weightsOf(graph).map(([value, { data, shape }]) => {
      const tensor = tf.tensor(data, shape);
      return [value, make(filters.has(value) ? tensor.transpose(TO_HWIO) : tensor, value)];
    }),
  );
}

/** ReLU behind a convolution is worked into it, as the library's converter does. */
function rules(tf: Tf, graph: Graph, isTraining: boolean): Record<string, Rule<TfTensor>> {
  const uses = usesOf(graph);
  const isActivated = (node: Node | undefined) =>
    node?.op === "Conv" && uses.onlyReader(node.outputs[0])?.op === "Relu";
  const padding = (node: Node) => [[0, 0], ...padsOf(node), [0, 0]];
  return {
    Conv(node, [x, filter, bias]) {
      const { strides, dilations, group } = node.attrs;
      if (group !== 1) throw new Error("tfjs has no grouped convolution");
      const activation = isActivated(node) ? "relu" : "linear";
      return tf.fused.conv2d({ x, filter, strides, dilations, pad: padding(node), bias, activation });
    },
    Relu: ({ inputs }, [x]) => (isActivated(inputs[0]?.producer) ? x : tf.relu(x)),
    BatchNormalization({ attrs }, [x, scale, shift, mean, variance]) {
      const seen = isTraining ? tf.moments(x, [0, 1, 2]) : { mean, variance };
      return tf.batchNorm(x, seen.mean, seen.variance, shift, scale, Number(attrs.epsilon));
    },
    MaxPool: (node, [x]) => tf.maxPool(x, node.attrs.kernel_shape, node.attrs.strides, padding(node)),
    GlobalAveragePool: (_, [x]) => x.mean([1, 2], true),
    Sigmoid: (_, [x]) => tf.sigmoid(x),
    Mul: (_, [a, b]) => a.mul(b),
    Add: (_, [a, b]) => a.add(b),
    Flatten: (_, [x]) => x.reshape([x.shape[0], -1]),
    Gemm: ({ attrs }, [a, b, c]) => tf.matMul(a, b, attrs.transA === 1, attrs.transB === 1).add(c),
  };
}
