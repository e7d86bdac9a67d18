import { tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { foldBatchNorm } from "../src/passes/inference/fold-batch-norm.ts";
import { imagesFor, logitsOf } from "./engine-peers.ts";
import { openJaxJs } from "./jax-js.ts";
import type { JsLibrary } from "./js-library.ts";
import { type Start, timed } from "./peer.ts";
import {
  CLASSES,
  randomBatch,
  recipe,
  senetPeer,
  type PeerOptions as TrainingOptions,
} from "./senet-peer.ts";
import { openTfjs } from "./tfjs.ts";

/** Folders where libraries to compare with are installed. */
export interface JsFolders {
  readonly tfjs?: string;
  readonly jaxJs?: string;
}

/** Most that a library's logits or losses may differ from ours, relative to the largest, to count as the same network. */
const TOLERANCE = 1e-3;

/** The libraries whose folders are given. */
export async function openJsLibraries({ tfjs, jaxJs }: JsFolders): Promise<JsLibrary[]> {
  return [
    ...(tfjs === undefined ? [] : [await openTfjs(tfjs)]),
    ...(jaxJs === undefined ? [] : [await openJaxJs(jaxJs)]),
  ];
}

/** The network with its BatchNormalization folded, as other libraries' converters do it, executed by a library with our weights. */
export function inferenceStart(library: JsLibrary, model: string, batch: number): Start {
  const { name } = library;
  return [
    name,
    async () => {
      const { graph } = foldBatchNorm(createModel(model, { batch }));
      const images = imagesFor(graph);
      const compute = library.inference(graph, images);
      const wanted = await logitsOf(graph, images);
      const started = performance.now();
      const found = await compute();
      const pace = performance.now() - started;
      const difference = checked("logits", wanted, found);
      return { name, batch, difference, pace, run: (count) => timed(count, compute) };
    },
  ];
}

/** The training step on the same images from the same weights. Two losses are compared: the second has seen the gradients. */
export function trainingStart(library: JsLibrary, options: TrainingOptions): Start {
  const { name } = library;
  const { model, size, batch } = options;
  return [
    name,
    async () => {
      const graph = createModel(model, { input: [3, size, size], classes: CLASSES, batch });
      const { images, labels } = randomBatch(options);
      const fed = { images: tensor([batch, 3, size, size], images), labels: Array.from(labels, Number) };
      const compute = library.training(graph, fed, recipe);
      const ours = await senetPeer({ ...options, engine: "onnxruntime" });
      const wanted = [await ours.step(), await ours.step()];
      await ours.stop();
      const first = await compute();
      const started = performance.now();
      const found = [first, await compute()];
      const pace = performance.now() - started;
      const difference = checked("losses", wanted, found);
      return { name, batch, difference, pace, run: (count) => timed(count, compute) };
    },
  ];
}

/** The largest difference, or an error when it is too large for one and the same network. */
function checked(what: string, wanted: ArrayLike<number>, found: ArrayLike<number>): number {
  const differences = Array.from(wanted, (number, i) => Math.abs(number - found[i]));
  const difference = Math.max(...differences);
  if (difference <= TOLERANCE * Math.max(...Array.from(wanted, Math.abs))) return difference;
  throw new Error(`its ${what} differ from ours by ${difference.toPrecision(2)}`);
}
