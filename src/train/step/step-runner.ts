import { randomStream } from "../../base/random.ts";
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
export interface StepRunner {
  /**
   * One step. The returned logits are overwritten by the next one.
   *
   * @param index which step of the run this is; it names the dropout's random stream
   */
  run(batch: StepBatch, learningRate: number, index: number): Promise<{ loss: number; logits: Float32Array }>;
  /** Every slot by name: parameters, running statistics, optimizer state, averages. Overwritten two steps later. */
  tensors(): Map<string, Tensor>;
}

/**
 * Keeps two sets of all slots; the engine reads one and writes the other, then they change places, so no memory is
 * allocated per step.
 *
 * @param start contents to begin with, by name; a slot that is not in it begins as the step says
 * @example
 * await using session = await createSession(writeOnnx(step.graph));
 * const runner = createStepRunner(session, step, { seed: 0 });
 * const { loss } = await runner.run({ images, labels }, 0.1, 0);
 */
export function createStepRunner(
  session: Session,
  step: TrainStep,
  { seed, start }: { seed: number; start?: ReadonlyMap<string, Tensor> | undefined },
): StepRunner {
  const slots = step.slots.map(({ value }) => ({ name: value.name ?? "", shape: knownShape(value), value }));
  const copy = (source: Tensor): Tensor => ({ ...source, data: source.data.slice() });
  let current = slots.map(({ name, shape, value }) => copy(start?.get(name) ?? value.tensor ?? zeros(shape)));
  let next = slots.map(({ shape }) => zeros(shape));

  const shapeOf = (name: string) => shapeIn(step, name);
  const loss = zeros([]);
  const logits = zeros(shapeOf("logits"));
  const noise = step.noise.map((value) => ({ name: value.name ?? "", content: zeros(knownShape(value)) }));

  return {
    async run(batch, learningRate, index) {
      const feeds: Record<string, Tensor> = {
        images: { dtype: "float32", shape: shapeOf("images"), data: batch.images },
        labels: { dtype: "int64", shape: shapeOf("labels"), data: batch.labels },
        learning_rate: tensor([], [learningRate]),
      };
      const into: Record<string, Tensor> = { loss, logits };
      slots.forEach(({ name }, i) => {
        feeds[name] = current[i];
        into[`next/${name}`] = next[i];
      });
      for (const [i, { name, content }] of noise.entries()) {
        const random = randomStream(seed, DROPOUT, index, i);
        for (let j = 0; j < content.data.length; j++) content.data[j] = random();
        feeds[name] = content;
      }
      await session.run(feeds, into);
      [current, next] = [next, current];
      return { loss: Number(loss.data[0]), logits: logits.data as Float32Array };
    },
    tensors: () => new Map(slots.map(({ name }, i) => [name, current[i]])),
  };
}

/** The shape of an input or an output of a step. */
export function shapeIn({ graph: { inputs, outputs } }: TrainStep, wanted: string): readonly number[] {
  const value =
    inputs.find(({ name }) => name === wanted) ?? outputs.find(({ name }) => name === wanted)?.value;
  return value ? knownShape(value) : [];
}
