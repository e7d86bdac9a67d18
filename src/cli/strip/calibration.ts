import { SenetError } from "../../base/errors.ts";
import { grouped } from "../../base/format.ts";
import { disposable, type Resource } from "../../base/resource.ts";
import { type Loader, openLoader } from "../../data/loader/loader-node.ts";
import type { Graph } from "../../ir/graph.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import type { SEBlock } from "../../passes/se/match-se.ts";
import { tapGates } from "../../passes/se/tap-gates.ts";
import type { Classifier } from "../../predict/classifier.ts";
import { createSession } from "../../runtime/node.ts";
import type { Session } from "../../runtime/session.ts";
import { evaluate } from "../../train/evaluate.ts";
import { meanGates } from "../../train/mean-gates.ts";
import { openWithProgress } from "../shared/open-data.ts";
import { classifierOf } from "../shared/preprocessing.ts";
import { counter, createProgress } from "../shared/progress.ts";
import type { StripFlags } from "./command.ts";

const DEFAULT_BATCH = 128;

/** Labelled images, prepared for a network and those that are made of it. */
export interface Calibration extends Resource {
  /** Mean gates of blocks of the network over images of the training split. */
  gates(blocks: readonly SEBlock[]): Promise<{ gates: Float32Array[]; images: number }>;
  /** Share of the test split that a network takes for what it is; undefined where the classes are not the network's. */
  accuracy(graph: Graph): Promise<number | undefined>;
}

/** @throws SenetError as `classifierOf` and `openLoader`; `data` for images of another shape than the network's */
export async function openCalibration(
  { file, graph, bytes }: { file: string; graph: Graph; bytes: Uint8Array },
  data: string,
  flags: StripFlags,
): Promise<Calibration> {
  const network = await classifierOf(file, graph, bytes, flags);
  const progress = createProgress();
  const source = { path: data, fit: network.fit };
  const loader = await openWithProgress(progress, (options) =>
    openLoader({ train: { ...source, split: "train" }, test: { ...source, split: "test" } }, options),
  );
  const { train, test } = await splitsOf(loader, file, network, data);
  const batchSize = network.batch ?? flags.batch ?? DEFAULT_BATCH;
  const options = { batchSize, seed: 0, epoch: 0, ...network.normalization };
  return {
    gates: (blocks) =>
      withSession(tapGates(graph, blocks), flags, (session) =>
        meanGates(session, loader.batches("train", { ...options, shuffle: true }), train.shape, {
          images: flags.images,
          onImages: (done) => progress.update(() => `averaging gates, image ${grouped(done)}`),
        }),
      ),
    async accuracy(one) {
      if (test.classes.length !== network.classCount) return undefined;
      const metrics = await withSession(one, flags, (session) =>
        evaluate(session, loader.batches("test", options), test.shape, {
          probabilities: network.endsInSoftmax,
          onSamples: (done) => counter(progress, "testing")(done, test.length),
        }),
      );
      progress.end();
      return metrics?.top1;
    },
    ...disposable(() => {
      progress.end();
      return loader.dispose();
    }),
  };
}

async function splitsOf(loader: Loader, file: string, { channels, fit }: Classifier, data: string) {
  const { train, test } = loader;
  const wanted = [channels, fit.height, fit.width].join("×");
  if (train && test && train.shape.join("×") === wanted) return { train, test };
  await loader.dispose();
  throw new SenetError(
    "data",
    `${data}: expected images of ${wanted} for ${file}, found ${train?.shape.join("×")}; choose other data, or --size for a network that takes any.`,
  );
}

async function withSession<T>(
  graph: Graph,
  { threads }: StripFlags,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  await using session = await createSession(writeOnnx(graph), { threads });
  return await use(session);
}
