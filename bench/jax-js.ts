import { type JsLibrary, requireFrom } from "./js-library.ts";
import { type Player, padsOf, play, type Rule, weightsOf } from "./play.ts";

/** The little of jax-js that is used here. Whatever is given to a function is used up; `ref` is one more use of it. */
interface Jax {
  init(device: string): Promise<readonly string[]>;
  readonly numpy: {
    array(data: unknown): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    mean(x: JaxArray, axes: readonly number[], options: { keepdims: boolean }): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    pad(x: JaxArray, widths: unknown): JaxArray;
    max(x: JaxArray): JaxArray;
  };
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      filter: JaxArray,
      strides: unknown,
      pads: unknown,
      options: object,
    ): JaxArray;
    reduceWindow(x: JaxArray, reduce: (x: JaxArray) => JaxArray, size: unknown, strides: unknown): JaxArray;
  };
  readonly nn: Record<"relu" | "sigmoid" | "logSoftmax", (x: JaxArray) => JaxArray>;
  jit(f: (contents: JaxArray[]) => JaxArray): (contents: JaxArray[]) => JaxArray;
  valueAndGrad(
    f: (weights: JaxArray[]) => JaxArray,
  ): (weights: JaxArray[]) => [value: JaxArray, gradients: JaxArray[]];
  blockUntilReady(arrays: readonly JaxArray[]): Promise<unknown>;
}

interface JaxArray {
  /** The same array, to be used once more. */
  readonly ref: JaxArray;
  readonly shape: readonly number[];
  reshape(shape: readonly number[]): JaxArray;
  transpose(): JaxArray;
  sum(): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray): JaxArray;
  data(): Promise<Float32Array>;
}

/**
 * jax-js on WebAssembly, from a folder where the user installed it. In Node it has one thread, as it shares work among workers
 * of the Web only (0.1.25). Inference is fused by its `jit`; a step of training is not, as it took twice as long with it.
 *
 * @throws SenetError `usage` when it is not there
 */
export async function openJaxJs(folder: string): Promise<JsLibrary> {
  const jax = requireFrom(folder, ["@jax-js/jax"], "--jax-js") as Jax;
  await jax.init("wasm");
  const { numpy: np, nn } = jax;
  const array = (data: unknown, shape: readonly number[]) => np.array(data).reshape(shape);
  const player: Player<JaxArray> = { name: "jax-js", rules: rules(jax), keep: (x) => x.ref };
  return {
    name: "jax-js wasm",
    inference(graph, images) {
      const stored = weightsOf(graph);
      const values = [...stored.map(([value]) => value), graph.inputs[0]];
      const tensors = [...stored.map(([, tensor]) => tensor), images];
      const contents = tensors.map(({ data, shape }) => array(data, shape));
      const logits = jax.jit((given) =>
        play(graph, player, new Map(values.map((value, i) => [value, given[i]]))),
      );
      return () => logits(contents.map((content) => content.ref)).data();
    },
    training(graph, { images, labels }, { lr, momentum, weightDecay }) {
      const learned = weightsOf(graph).filter(([{ role }]) => role === "parameter");
      let weights = learned.map(([, { data, shape }]) => array(data, shape));
      let velocities = learned.map(([, { shape }]) => np.zeros(shape));
      const fed = array(images.data, images.shape);
      const classes = graph.outputs[0].value.shape[1] as number;
      const oneHot = labels.flatMap((label) =>
        Array.from({ length: classes }, (_, i) => Number(i === label)),
      );
      const targets = array(Float32Array.from(oneHot), [labels.length, classes]);
      const loss = (contents: JaxArray[]) => {
        const content = new Map(learned.map(([value], i) => [value, contents[i]]));
        const logits = play(graph, player, content.set(graph.inputs[0], fed.ref));
        return nn
          .logSoftmax(logits)
          .mul(targets.ref)
          .sum()
          .mul(-1 / labels.length);
      };
      return async () => {
        const [value, gradients] = jax.valueAndGrad(loss)(weights.map((weight) => weight.ref));
        const updated = weights.map((weight, i) => {
          const decays = weight.shape.length > 1;
          const gradient = decays ? gradients[i].add(weight.ref.mul(weightDecay)) : gradients[i];
          const velocity = velocities[i].mul(momentum).add(gradient.ref);
          const direction = gradient.add(velocity.ref.mul(momentum)).mul(lr);
          return { weight: weight.sub(direction), velocity };
        });
        weights = updated.map(({ weight }) => weight);
        velocities = updated.map(({ velocity }) => velocity);
        await jax.blockUntilReady(weights);
        return (await value.data())[0];
      };
    },
  };
}

/** BatchNormalization by the batch's own statistics: for inference it is folded. */
function rules({ numpy: np, lax, nn }: Jax): Record<string, Rule<JaxArray>> {
  const overMaps = (x: JaxArray) => np.mean(x, [0, 2, 3], { keepdims: true });
  const perChannel = (x: JaxArray) => x.reshape([1, -1, 1, 1]);
  return {
    Conv(node, [x, filter, bias]) {
      const { strides, dilations, group } = node.attrs;
      const options = { rhsDilation: dilations, featureGroupCount: group };
      const y = lax.convGeneralDilated(x, filter, strides, padsOf(node), options);
      return bias ? y.add(perChannel(bias)) : y;
    },
    BatchNormalization({ attrs }, [x, scale, shift]) {
      const centered = x.ref.sub(overMaps(x));
      const variance = overMaps(np.square(centered.ref));
      const factor = perChannel(scale).div(np.sqrt(variance.add(Number(attrs.epsilon))));
      return centered.mul(factor).add(perChannel(shift));
    },
    // What is pooled has been through ReLU: zeros around it change nothing.
    MaxPool(node, [x]) {
      const padded = np.pad(x, [[0, 0], [0, 0], ...padsOf(node)]);
      return lax.reduceWindow(padded, np.max, node.attrs.kernel_shape, node.attrs.strides);
    },
    GlobalAveragePool: (_, [x]) => np.mean(x, [2, 3], { keepdims: true }),
    Relu: (_, [x]) => nn.relu(x),
    Sigmoid: (_, [x]) => nn.sigmoid(x),
    Mul: (_, [a, b]) => a.mul(b),
    Add: (_, [a, b]) => a.add(b),
    Flatten: (_, [x]) => x.reshape([x.shape[0], -1]),
    // As linear layers are exported: the weight transposed, the image not.
    Gemm: (_, [a, b, c]) => np.matmul(a, b.transpose()).add(c),
  };
}
