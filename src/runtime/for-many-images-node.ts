import { SenetError } from "../base/errors.ts";
import { readOnnx } from "../onnx/read-onnx.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { withBatchOfOne } from "../passes/graph/bind-dims.ts";
import { optimize } from "../passes/inference/optimize.ts";
import { createSession } from "./node.ts";
import { probeBlock } from "./probe-block-node.ts";
import { FEW_AT_ONCE, fixedBatch, imagesAtOnce, MANY } from "./run-images.ts";
import type { Session, SessionOptions } from "./session.ts";

/** What `forManyImages` is told. */
export interface ManyImages extends Pick<SessionOptions, "threads"> {
  /** How many images are to be run. */
  readonly images: number;
}

/**
 * The session in which many images run fastest: the given one, or, for a thousand or more large images through a network with SE
 * blocks that can squeeze early, one of the network rewritten for this machine and for one image at a time. The results differ by
 * rounding. Run either by `runImages`.
 *
 * @param session of the model; disposed of where another takes its place
 * @param model the `.onnx` file
 * @throws SenetError `engine` when the engine refuses the rewritten network
 * @example
 * await using session = await forManyImages(await createSession(model), model, { images: 50_000 });
 * const [logits] = await runImages(session, pixels, [3, 224, 224]);
 */
export async function forManyImages(
  session: Session,
  model: Uint8Array,
  { images, threads }: ManyImages,
): Promise<Session> {
  const form = images < MANY ? undefined : await formFor(session, model);
  if (form === undefined) return session;
  await session.dispose();
  return createSession(form, { threads });
}

async function formFor({ inputs }: Session, model: Uint8Array): Promise<Uint8Array | undefined> {
  const [{ shape }] = inputs;
  const image = shape.slice(1).filter((dim) => typeof dim === "number" && dim > 0) as number[];
  const isLarge = image.length === shape.length - 1 && imagesAtOnce(image) <= FEW_AT_ONCE;
  if (!isLarge || fixedBatch(shape) !== undefined) return undefined;
  const block = await probeBlock();
  if (block === undefined) return undefined;
  try {
    const { graph, rules } = optimize(withBatchOfOne(readOnnx(model)), { block });
    const early = rules.find(({ rule }) => rule === "early-squeeze")?.applied.length ?? 0;
    return early > 0 ? writeOnnx(graph) : undefined;
  } catch (error) {
    // The engine runs files that this package does not read.
    if (error instanceof SenetError) return undefined;
    throw error;
  }
}
