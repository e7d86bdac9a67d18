import type { TestContext } from "vitest";
import { tensor } from "../../src/ir/tensor.ts";
import { newGraph } from "../../src/ops/new-graph.ts";
import { executeGraph } from "../../src/runtime/execute-graph-node.ts";
import { needs } from "./needs.ts";

const CHANNELS = 32;
const PIXELS = 2;

/**
 * Channels in a block of this machine's engine; a test that needs them is skipped where it has none. Found by how the engine reorders a
 * map and not by `probeBlock`, which finds nothing where the pass under test is wrong.
 */
export async function blockHere(context: TestContext): Promise<number> {
  const order = await engineOrder();
  const block = [16, 8].find((size) => String(order) === String(orderInBlocks(size)));
  needs(context, "an engine with NCHWc operators", block !== undefined);
  return block as number;
}

/** The elements of a map [1, channels, 1, pixels], each its own number, as they lie once the engine has put them into blocks. */
async function engineOrder(): Promise<number[]> {
  const b = newGraph("order");
  const nchwc = b.op("ReorderInput", [b.input("x", "float32", [1, CHANNELS, 1, PIXELS])]);
  b.output("y", b.op("Reshape", [nchwc, b.constant([-1])]));
  const x = tensor([1, CHANNELS, 1, PIXELS], [...Array(CHANNELS * PIXELS).keys()]);
  const found = await executeGraph(b.build(), { x }, { threads: 1 }).catch(() => undefined);
  return found ? Array.from(found.y.data, Number) : [];
}

function orderInBlocks(block: number): number[] {
  return Array.from({ length: CHANNELS * PIXELS }, (_, i) => {
    const [lane, pixel] = [i % block, Math.floor(i / block) % PIXELS];
    const channel = Math.floor(i / block / PIXELS) * block + lane;
    return channel * PIXELS + pixel;
  });
}
