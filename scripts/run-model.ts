import type { Tensor } from "../src/ir/tensor.ts";
import { createSession } from "../src/runtime/node.ts";

/** What a model of one input computes of images: all outputs, in order. */
export async function runModel(model: string | Uint8Array, images: Tensor): Promise<Tensor[]> {
  await using session = await createSession(model, { threads: 1 });
  const outputs = await session.run({ [session.inputNames[0]]: images });
  return session.outputNames.map((name) => outputs[name]);
}
