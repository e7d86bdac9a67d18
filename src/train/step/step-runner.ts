import { randomStream } from "../../base/random.ts";
import { disposable, type Resource } from "../../base/resource.ts";
import { knownShape } from "../../ir/graph.ts";
import { type Tensor, tensor, zeros } from "../../ir/tensor.ts";
import type { Session } from "../../runtime/session.ts";
import type { TrainStep } from "./train-step.ts";

/** Keeps the streams of dropout apart from those of augmentation, which are named by two numbers after the seed. */
const DROPOUT = 0xd0;

/** One batch as the step takes it. */
export interface StepBatch {
  /** [N, C, H, W]. */
  readonly images: Float32Array;
  /** [N]. */
  readonly labels: BigInt64Array;
}

/** Runs training steps and holds everything that changes from one to the next. */
export interface StepRunner extends Resource {
  /**
   * One step. The returned logits are overwritten by the next one.
   *
   * @param index which step of the run this is; it names the dropout's random stream
   */
  run(batch: StepBatch, learningRate: number, index: number): Promise<{ loss: number; logits: Float32Array }>;
  /** Every slot by name: parameters, running statistics, optimizer state, averages. The next step may overwrite them. */
  tensors(): Promise<Map<string, Tensor>>;
}

/** How a runner of training steps begins. */
export interface RunnerOptions {
  /** Names the random streams of dropout. */
  readonly seed: number;
  /** Contents to begin with, by name; a slot that is not in it begins as the step says. */
  readonly start?: ReadonlyMap<string, Tensor> | undefined;
}

/**
 * Keeps two sets of all slots; the engine reads one and writes the other, then they change places, so no memory is
 * allocated per step. Steps compute where the session computes: in Node on the calling thread.
 *
 * @param session of the step's graph; `dispose` of the runner disposes it too
 * @example
 * const session = await createSession(writeOnnx(step.graph));
 * await using runner = createStepRunner(session, step, { seed: 0 });
 * const { loss } = await runner.run({ images, labels }, 0.1, 0);
 */
export function createStepRunner(
  session: Session,
  step: TrainStep,
  { seed, start }: RunnerOptions,
): StepRunner {
  // The closures below hold neither the step nor `start`, whose weights would be kept beside those that learn.
  let current = initialContents(step, start);
  let next = current.map(({ shape }) => zeros(shape));
  const names = step.slots.map(({ value: { name = "" } }) => name);
  const shapes = { images: shapeIn(step, "images"), labels: shapeIn(step, "labels") };
  const loss = zeros([]);
  const logits = zeros(shapeIn(step, "logits"));
  const noise = step.noise.map((value) => ({ name: value.name ?? "", content: zeros(knownShape(value)) }));

  return {
    async run(batch, learningRate, index) {
      const feeds: Record<string, Tensor> = {
        images: { dtype: "float32", shape: shapes.images, data: batch.images },
        labels: { dtype: "int64", shape: shapes.labels, data: batch.labels },
        learning_rate: tensor([], [learningRate]),
      };
      const into: Record<string, Tensor> = { loss, logits };
      names.forEach((name, i) => {
        feeds[name] = current[i];
        into[`next/${name}`] = next[i];
      });
      for (const [i, { name, content }] of noise.entries()) {
        drawNoise(content.data as Float32Array, { seed, index, i });
        feeds[name] = content;
      }
      await session.run(feeds, into);
      [current, next] = [next, current];
      return { loss: Number(loss.data[0]), logits: logits.data as Float32Array };
    },
    tensors: async () => new Map(names.map((name, i) => [name, current[i]])),
    ...disposable(() => session.dispose()),
  };
}

/** Fills a step's noise of number `i` with the numbers of its own random stream: the same for every engine, and in a resumed run. */
export function drawNoise(
  numbers: Float32Array,
  { seed, index, i }: { readonly seed: number; readonly index: number; readonly i: number },
): void {
  const random = randomStream(seed, DROPOUT, index, i);
  for (let j = 0; j < numbers.length; j++) numbers[j] = random();
}

function initialContents({ slots }: TrainStep, start: RunnerOptions["start"]): Tensor[] {
  return slots.map(({ value }) => {
    const content = start?.get(value.name ?? "") ?? value.tensor ?? zeros(knownShape(value));
    return { ...content, data: content.data.slice() };
  });
}

/** The shape of an input or an output of a step. */
export function shapeIn({ graph: { inputs, outputs } }: TrainStep, wanted: string): readonly number[] {
  const value =
    inputs.find(({ name }) => name === wanted) ?? outputs.find(({ name }) => name === wanted)?.value;
  return value ? knownShape(value) : [];
}
