import { describe, expect, it } from "vitest";
import { SenetError } from "../base/errors.ts";
import { type Graph, type Node, Value } from "../ir/graph.ts";
import { tensor } from "../ir/tensor.ts";
import { newGraph } from "./new-graph.ts";
import { verify } from "./verify.ts";

/** y = relu(x · w) + x, in scope `block`. */
function sound(): Graph {
  const b = newGraph("net");
  const x = b.input("x", "float32", ["N", 2]);
  const y = b.scope("block", () => {
    const w = b.parameter("weight", tensor([2], [1, 2]));
    return b.op("Add", [b.op("Relu", [b.op("Mul", [x, w])]), x]);
  });
  b.output("y", y);
  return b.build();
}

/** The graph with node `index` changed, its outputs pointing to it. */
function withNode(graph: Graph, index: number, change: Partial<Node>): Graph {
  const node: Node = { ...graph.nodes[index], ...change };
  for (const output of node.outputs) output.producer = node;
  return { ...graph, nodes: graph.nodes.with(index, node) };
}

const computed = (dtype: "float32" | "int64", shape: (number | string)[]) =>
  new Value("computed", dtype, shape);

describe("verify", () => {
  it("lets a sound graph pass", () => {
    expect(() => verify(sound())).not.toThrow();
  });

  it.each<[string, (graph: Graph) => Graph, string]>([
    [
      "nodes out of order",
      (g) => ({ ...g, nodes: [g.nodes[1], g.nodes[0], g.nodes[2]] }),
      "node 0 (Relu in block) reads block:Mul before it is computed; add it to the inputs, or sort the nodes.",
    ],
    [
      "an input that is not listed",
      (g) => ({ ...g, inputs: [] }),
      "node 0 (Mul in block) reads x before it is computed; add it to the inputs, or sort the nodes.",
    ],
    [
      "an unknown operator",
      (g) => withNode(g, 1, { op: "Rellu" }),
      'node 1 (Rellu in block): the operator is not known (did you mean "Relu"?); correct its name.',
    ],
    [
      "an operator named like a method of every object",
      (g) => withNode(g, 1, { op: "toString" }),
      "node 1 (toString in block): the operator is not known; correct its name.",
    ],
    [
      "an output of the wrong shape",
      (g) => withNode(g, 1, { outputs: [computed("float32", ["N", 3])] }),
      "node 1 (Relu in block): output 0 should be float32 [N, 2], is float32 [N, 3]; let a builder infer it.",
    ],
    [
      "an output of the wrong dtype",
      (g) => withNode(g, 1, { outputs: [computed("int64", ["N", 2])] }),
      "node 1 (Relu in block): output 0 should be float32 [N, 2], is int64 [N, 2]; let a builder infer it.",
    ],
    [
      "too many outputs",
      (g) => withNode(g, 1, { outputs: [...g.nodes[1].outputs, computed("float32", [1])] }),
      "node 1 (Relu in block): expected 1 outputs, found 2; give it as many.",
    ],
    [
      "too few inputs",
      (g) => withNode(g, 2, { inputs: g.nodes[2].inputs.slice(0, 1) }),
      "node 2 (Add in block): expected 2 inputs, found 1; pass as many.",
    ],
    [
      "too many inputs",
      (g) => withNode(g, 1, { inputs: [...g.nodes[1].inputs, g.inputs[0]] }),
      "node 1 (Relu in block): expected 1 inputs, found 2; pass as many.",
    ],
    [
      "a node twice",
      (g) => ({ ...g, nodes: [...g.nodes, g.nodes[2]] }),
      "node 3 (Add in block) computes a value that exists already; list its node once.",
    ],
    [
      "an output that names another producer",
      (g) => {
        g.nodes[1].outputs[0].producer = g.nodes[0];
        return g;
      },
      "node 1 (Relu in block) has an output that names another producer; give each node outputs of its own.",
    ],
    [
      "an output that is never computed",
      (g) => ({ ...g, outputs: [{ name: "y", value: computed("float32", [2]) }] }),
      'output "y" is never computed; add the node that does, or drop the output.',
    ],
    [
      "an output name given twice",
      (g) => ({ ...g, outputs: [...g.outputs, ...g.outputs] }),
      'two outputs are named "y"; rename one.',
    ],
    [
      "a name given twice",
      (g) => ({ ...g, inputs: [...g.inputs, new Value("input", "float32", [1], { name: "block.weight" })] }),
      'two values are named "block.weight"; rename one.',
    ],
    [
      "an input listed twice",
      (g) => ({ ...g, inputs: [...g.inputs, ...g.inputs] }),
      'input "x" is listed twice; drop one.',
    ],
    [
      "an input without a name",
      (g) => ({ ...g, inputs: [...g.inputs, new Value("input", "float32", [1])] }),
      "input 1 has no name; give it one.",
    ],
  ])("finds %s", (_, break_, message) => {
    expect(() => verify(break_(sound()))).toThrow(new SenetError("graph", `Graph net: ${message}`));
  });

  it("leaves what builder and shape rules check to their own messages", () => {
    const attribute = withNode(sound(), 1, { attrs: { slope: 1 } });
    expect(() => verify(attribute)).toThrow(
      new SenetError("graph", 'node 1 (Relu in block): attribute "slope" is not known; correct its name.'),
    );
    const graph = sound();
    const shapes = withNode(graph, 2, {
      inputs: [
        graph.nodes[1].outputs[0],
        new Value("constant", "float32", [3], { tensor: tensor([3], [1, 2, 3]) }),
      ],
    });
    expect(() => verify(shapes)).toThrow(
      new SenetError(
        "shape",
        "node 2 (Add in block): shapes [N, 2] and [3] do not broadcast, because 2 and 3 differ and neither is 1; reshape one.",
      ),
    );
  });
});
