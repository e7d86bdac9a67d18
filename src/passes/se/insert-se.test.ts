import { describe, expect, it } from "vitest";
import { evaluate, evaluateValues } from "../../../test/support/evaluate.ts";
import { inFloat64 } from "../../../test/support/in-float64.ts";
import { SenetError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, parametersOf, type Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { createModel } from "../../models/create-model.ts";
import { relu, relu6, silu } from "../../nn/activations.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { averagePool, maxPool } from "../../nn/pooling.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { gateNames, squeezeNames } from "../../nn/se-names.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { refTensor } from "../../reference/ref-tensor.ts";
import { rebuild } from "../graph/rebuild.ts";
import { differentiate } from "../training/differentiate.ts";
import { findSEPlaces } from "./find-se-places.ts";
import { type InsertSEOptions, insertSE } from "./insert-se.ts";
import { matchSE } from "./match-se.ts";
import { stripSE } from "./strip-se.ts";
import { tapGates } from "./tap-gates.ts";

type Make = (b: GraphBuilder, x: Value) => Value;

/** A graph of images of 3×8×8, which ends in a pool so that no map is an output. */
function network(make: Make): Graph {
  const b = newGraph("net");
  b.output("y", b.op("GlobalAveragePool", [make(b, b.input("x", "float32", [1, 3, 8, 8]))]));
  return b.build();
}

const conv = (b: GraphBuilder, name: string, x: Value, out = 8, options = {}) =>
  conv2d(b, name, x, { out, kernel: 3, ...options });

function kinds(make: Make): string[] {
  return findSEPlaces(network(make)).map(({ kind, value }) => `${kind} ${value.producer?.op}`);
}

const image = refTensor(
  [1, 3, 8, 8],
  Array.from({ length: 192 }, (_, i) => Math.sin(i)),
);

/** What a network gives for one image, by the reference evaluator. */
function outputOf(graph: Graph): number[] {
  return Array.from(evaluate(graph, { x: image }).y.data);
}

function expectSame(found: readonly number[], expected: readonly number[]): void {
  const largest = Math.max(...expected.map(Math.abs));
  expect(largest).toBeGreaterThan(1e-3);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(1e-6 * largest);
  });
}

describe("places", () => {
  it("are residual branches, before a factor, however the shortcut is made", () => {
    const sum = (b: GraphBuilder, x: Value, shortcut: Value) => {
      const branch = conv(b, "c2", relu(b, conv(b, "c1", x)));
      return b.op("Add", [shortcut, b.op("Mul", [branch, b.constant(0.2)])]);
    };
    const stem: Make = (b, x) => conv(b, "stem", x);
    const residual = (make: Make) => kinds(make).filter((text) => text.startsWith("residual"));
    expect(residual((b, x) => sum(b, stem(b, x), stem(b, x)))).toEqual(["residual Conv"]);
    expect(
      residual((b, x) => {
        const y = stem(b, x);
        return sum(b, y, conv(b, "down", y));
      }),
    ).toEqual(["residual Conv"]);
  });

  it("are not the sums of branches beside each other", () => {
    const make: Make = (b, x) => b.op("Add", [conv(b, "a", x), conv(b, "b", x)]);
    expect(kinds(make)).toEqual(["conv Conv", "conv Conv"]);
  });

  it("are the concatenations of Inception, not those of DenseNet, whose layers are branches", () => {
    const join = (b: GraphBuilder, ...parts: Value[]) => b.op("Concat", parts, { axis: 1 });
    const inception: Make = (b, x) =>
      join(b, conv(b, "a", x), conv(b, "b", x), maxPool(b, x, { kernel: 3, stride: 1, padding: 1 }));
    expect(kinds(inception)).toContain("concat Concat");
    const dense: Make = (b, x) => {
      const first = conv(b, "a", x);
      const second = conv(b, "b", first);
      return join(b, first, second, conv(b, "c", join(b, first, second)));
    };
    expect(kinds(dense).filter((text) => !text.startsWith("conv "))).toEqual([
      "residual Conv",
      "residual Conv",
    ]);
    const halving: Make = (b, x) => {
      const y = conv(b, "stem", x);
      return join(
        b,
        conv(b, "a", y, 8, { stride: 2 }),
        averagePool(b, y, { kernel: 3, stride: 2, padding: 1 }),
      );
    };
    expect(kinds(halving)).toContain("residual Conv");
    const channels: Make = (b, x) => conv(b, "a", join(b, x, x, x));
    expect(kinds(channels)).toEqual(["conv Conv"]);
  });

  it("are behind convolutions with their activation, of depthwise and pointwise ones behind the second", () => {
    expect(kinds((b, x) => conv(b, "b", silu(b, conv(b, "a", x))))).toEqual(["conv Mul", "conv Conv"]);
    const separable: Make = (b, x) => {
      const stem = relu(b, conv(b, "stem", x));
      return relu6(b, conv2d(b, "pw", relu(b, conv(b, "dw", stem, 8, { groups: 8 })), { out: 16 }));
    };
    expect(kinds(separable)).toEqual(["depthwise Relu", "conv Clip"]);
  });

  it("are no maps of one pixel and none that have a block", () => {
    expect(kinds((b, x) => conv2d(b, "all", x, { out: 4, kernel: 8, padding: 0 }))).toEqual([]);
    expect(kinds((b, x) => squeezeExcite(b, "se", conv(b, "a", x)))).toEqual([]);
  });

  it("are found without any names", () => {
    const graph = createModel("resnet8");
    const bare = rebuild(graph, {
      node: (b, { op, attrs }, inputs) => b.within("", () => b.ops(op, inputs, attrs)),
    });
    expect(insertSE(bare).blocks.map(({ name }) => name)).toEqual(["se", "se2", "se3"]);
  });
});

describe("insertion", () => {
  it("leaves the function as it was, by the weights or by the gate", () => {
    const plain = network((b, x) => relu6(b, conv(b, "b", relu(b, conv(b, "a", x)), 8, { bias: true })));
    const { graph, blocks } = insertSE(plain);
    expect(blocks.map(({ name, balancedBy }) => [name, balancedBy])).toEqual([
      ["se", "weights"],
      ["se2", "gate"],
    ]);
    expectSame(outputOf(graph), outputOf(plain));
    expect(outputOf(insertSE(plain, { initial: "random" }).graph)).not.toEqual(outputOf(plain));
    const zero = parametersOf(graph).filter(({ tensor }) => tensor?.data.every((value) => value === 0));
    expect(zero.map(({ name }) => name)).toEqual(expect.arrayContaining(["se.fc2.weight", "se2.fc2.weight"]));
  });

  it("does not multiply weights whose map others read, or twice through nested concatenations", () => {
    const join = (b: GraphBuilder, ...parts: Value[]) => b.op("Concat", parts, { axis: 1 });
    const plain = network((b, x) => {
      const inner = join(b, conv(b, "a", x), conv(b, "b", x), conv(b, "c", x));
      const outer = join(b, inner, conv(b, "d", x), conv(b, "e", x));
      return join(b, outer, conv(b, "f", inner));
    });
    const { graph, blocks } = insertSE(plain, { place: "concat" });
    expect(blocks.map(({ balancedBy }) => balancedBy)).toEqual(["weights", "gate"]);
    expectSame(outputOf(graph), outputOf(plain));
  });

  it.each(gateNames.flatMap((gate) => squeezeNames.map((squeeze) => ({ gate, squeeze }))))(
    "leaves the function as it was with %j",
    ({ gate, squeeze }) => {
      const plain = network((b, x) => relu6(b, conv(b, "b", relu(b, conv(b, "a", x)))));
      const { graph } = insertSE(plain, { gate, squeeze, ...(squeeze === "tile" && { tile: 4 }) });
      expectSame(outputOf(graph), outputOf(plain));
    },
  );

  it.each(gateNames)("lets the last layer of a new block with the gate %s learn", (gate) => {
    const { graph } = insertSE(
      network((b, x) => relu(b, conv(b, "a", x))),
      { gate },
    );
    const b = newGraph("gradient", { from: graph });
    const square = b.op("Mul", [graph.outputs[0].value, graph.outputs[0].value]);
    const loss = b.op("ReduceSum", [square], { keepdims: 0 });
    const last = parametersOf(graph).filter(({ name }) => name?.startsWith("se.fc2."));
    const gradients = differentiate(b, b.build(), loss, last);
    expect(last.map(({ name }) => name)).toEqual(["se.fc2.weight", "se.fc2.bias"]);
    for (const { data } of evaluateValues(b.build(), { x: image }, gradients)) {
      expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(1e-6);
    }
  });

  it("chooses by pattern and stage, and passes options on", () => {
    const graph = createModel("resnet14");
    const names = (options: object) => insertSE(graph, options).blocks.map(({ name }) => name);
    expect(names({ where: "layer2|layer3.1" })).toEqual(["layer2.0.se", "layer2.1.se", "layer3.1.se"]);
    expect(names({ stages: [4] })).toEqual(["layer3.0.se", "layer3.1.se"]);
    const [{ parameters }] = insertSE(graph, { stages: [2], reduction: 2, bias: false }).blocks;
    expect(parameters).toBe(2 * 16 * 8);
  });

  it.each([
    [
      { where: "layer9" },
      /"layer9", which fits none of layer1\.0\.se, layer2\.0\.se, layer3\.0\.se; correct/,
    ],
    [{ stages: [7] }, /expected `stages` among those that have places for SE blocks \(2, 3, 4\), found 7/],
    [
      { place: "concat" },
      /place of kind concat .*found 3 of kind residual, \d+ of kind conv; choose another `place`/,
    ],
    [
      { plce: "conv" },
      /there is no option "plce" \(did you mean "place"\?\); the options are place, where, /,
    ],
    [{ hidden: [0] }, /Insertion of SE blocks: expected .*hidden/],
    [{ gate: "relu", bias: false }, /expected biases in the last layer with this gate/],
    [{ reductoin: 8 }, /reductoin/],
    [{ place: "sum" }, /`place` to be auto, residual, concat, conv, depthwise, found "sum"/],
  ] as const)("refuses %j with a sentence", (options, message) => {
    expect(() => insertSE(createModel("resnet8"), options as InsertSEOptions)).toThrow(message);
  });

  it("refuses a network of float64", () => {
    expect(() => insertSE(inFloat64(createModel("resnet8")))).toThrow(
      new SenetError(
        "graph",
        "Insertion of SE blocks into resnet8: expected float32, found float64 in conv1:Conv; convert the network to float32 first (in PyTorch: model.float()).",
      ),
    );
  });

  it("refuses a network without convolutions, and one whose places are taken", () => {
    const b = newGraph("mlp");
    b.output("y", relu(b, b.input("x", "float32", ["N", 3, 4, 4])));
    expect(() => insertSE(b.build())).toThrow(
      "mlp: expected a network with convolutions to put SE blocks into",
    );
    expect(() => insertSE(createModel("seresnet8"), { place: "residual" })).toThrow(
      /found .* besides its 3 SE blocks/,
    );
  });
});

describe("stripping", () => {
  const gates = (channels: number) => Float32Array.from({ length: channels }, (_, i) => (i + 1) / channels);

  it("multiplies by constants, in the weights where these can take them", () => {
    const make = (read: boolean) =>
      network((b, x) => {
        const map = relu(b, conv(b, "a", x, 8, { bias: true }));
        const gated = squeezeExcite(b, "se", map);
        return read ? b.op("Add", [gated, map]) : gated;
      });
    for (const read of [false, true]) {
      const graph = make(read);
      const [block] = matchSE(graph);
      const { graph: without, stripped } = stripSE(graph, new Map([[block, gates(8)]]));
      expect(stripped.map(({ keptBy }) => keptBy)).toEqual([read ? "map" : "weights"]);
      expect(without.nodes.filter(({ op }) => op === "Mul")).toHaveLength(read ? 1 : 0);
      const expected = rebuild(graph, {
        node(b, node, inputs) {
          if (node !== block.scale) return b.ops(node.op, inputs, node.attrs);
          return b.ops("Mul", [inputs[0], b.constant(tensor([1, 8, 1, 1], gates(8)))]);
        },
      });
      expectSame(outputOf(without), outputOf(expected));
    }
  });

  it("leaves other blocks in place, whose gates can be read", () => {
    const graph = createModel("seresnet8");
    const [, second] = matchSE(graph);
    const { graph: without } = stripSE(graph, new Map([[second, gates(second.channels)]]));
    expect(matchSE(without).map(({ path }) => path)).toEqual(["layer1.0.se", "layer3.0.se"]);
    expect(tapGates(graph, [second]).outputs.map(({ value }) => value.shape)).toEqual([["N", 32, 1, 1]]);
  });
});
