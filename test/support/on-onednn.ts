import { expect } from "vitest";
import type { Graph } from "../../src/ir/graph.ts";
import type { Tensor } from "../../src/ir/tensor.ts";
import { openEngine } from "../../src/native/open-engine-node.ts";
import { DnnlSession } from "../../src/native/session.ts";
import { refFeeds } from "./case-graph.ts";
import { largestError } from "./compare.ts";
import { evaluate } from "./evaluate.ts";

/** Expects a graph to compute on oneDNN what the reference computes. */
export async function expectReference(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<void> {
  const found = await runOnOnednn(graph, feeds);
  for (const [name, expected] of Object.entries(evaluate(graph, refFeeds(feeds)))) {
    expect(found[name].length, name).toBe(expected.data.length);
    const scale = 1e-3; // where cancellation leaves next to nothing, that is what is compared
    const error = largestError({ ...expected, data: Float64Array.from(found[name]) }, expected, scale);
    expect(error, name).toBeLessThanOrEqual(2e-5);
  }
}

/** What a graph computes on oneDNN, by output. */
export async function runOnOnednn(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Float32Array>> {
  const { library } = await openEngine();
  if (library === undefined) throw new Error("unreachable: the test is skipped without oneDNN");
  try {
    library.setThreads(2);
    const session = new DnnlSession(library, graph);
    const states = new Set(graph.outputs.map(({ name }) => name.replace(/^next\//, "")));
    for (const [name, { data }] of Object.entries(feeds)) {
      const numbers = Float32Array.from(data as ArrayLike<number | bigint>, Number);
      if (states.has(name)) session.writeState(name, numbers);
      else session.input(name).set(numbers);
    }
    session.run();
    const read = (name: string) =>
      name.startsWith("next/") ? session.readState(name.slice(5)) : session.output(name).slice();
    return Object.fromEntries(graph.outputs.map(({ name }) => [name, read(name)]));
  } finally {
    library.dispose();
  }
}
