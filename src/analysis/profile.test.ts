import { describe, expect, test } from "vitest";
import { SenetError } from "../base/errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { hardSwish, relu, silu } from "../nn/activations.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import { conv2d } from "../nn/conv2d.ts";
import { linear } from "../nn/linear.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import { squeezeExcite } from "../nn/se.ts";
import { newGraph } from "../ops/new-graph.ts";
import { profileOf } from "./profile.ts";
import { ownKernels } from "./profile-owners.ts";
import { type Kernel, medianKernels, parseTrace } from "./profile-trace.ts";

type Row = readonly [name: string, op: string, microseconds: number, output?: readonly number[]];

const kernelEvent = ([name, op, dur, output = []]: Row) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur,
  args: { op_name: op, output_type_shape: [{ float: output }] },
});
const runEnd = { cat: "Session", name: "model_run", dur: 1, args: {} };
/** A profile of some runs as ONNX Runtime 1.30 writes it. */
const traceOf = (...runs: Row[][]) =>
  JSON.stringify([
    { cat: "Session", name: "session_initialization", dur: 9, args: {} },
    ...runs.flatMap((rows) => [
      ...rows.map(kernelEvent),
      { cat: "Session", name: "SequentialExecutor::Execute" },
      runEnd,
    ]),
  ]);
const kernelsOf = (rows: Row[]): Kernel[] => parseTrace(traceOf(rows))[0];

const conv = (b: GraphBuilder, name: string, x: Value, out = 16) =>
  batchNorm(b, `bn${name}`, conv2d(b, `conv${name}`, x, { out, kernel: 3 }));

/** A stem, and a residual block with SE whose shortcut is a convolution too. */
function network(build: (b: GraphBuilder, x: Value) => Value = residual) {
  const b = newGraph("net");
  b.output("logits", build(b, b.input("images", "float32", [1, 3, 8, 8])));
  return b.build();
}

function residual(b: GraphBuilder, x: Value): Value {
  const stem = relu(b, conv(b, "1", x));
  const y = b.scope("layer1", () =>
    b.scope(0, () => {
      const branch = squeezeExcite(b, "se", conv(b, "1", stem));
      const shortcut = b.scope("downsample", () => conv(b, "2", stem));
      return relu(b, b.op("Add", [branch, shortcut]));
    }),
  );
  return linear(b, "fc", b.op("Flatten", [globalAveragePool(b, y)]), { out: 10 });
}

/** What the engine makes of it where convolutions run in blocks of 16 channels. */
const MAP = [1, 16, 8, 8];
const inNchwc: Row[] = [
  ["Relu_nchwc", "Conv", 100, MAP],
  ["layer1.0.bn1/BatchNormalization_nchwc", "Conv", 300, MAP],
  ["ReorderOutput_token_9", "ReorderOutput", 7, MAP],
  ["layer1.0.se/GlobalAveragePool_nchwc", "GlobalAveragePool", 10, [1, 16, 1, 1]],
  ["layer1.0.se/Relu_nchwc", "Conv", 3, [1, 16, 1, 1]],
  ["ReorderOutput_token_7", "ReorderOutput", 1, [1, 4, 1, 1]],
  ["layer1.0.se/Sigmoid_nchwc", "Conv", 4, [1, 16, 1, 1]],
  ["layer1.0.se/Mul", "Mul", 20, MAP],
  ["layer1.0.downsample.bn2/BatchNormalization_nchwc", "Conv", 400, MAP],
  ["ReorderOutput", "ReorderOutput", 5, MAP],
  ["layer1.0/Add", "Add", 30, MAP],
  ["layer1.0/Relu", "Relu", 15, MAP],
  ["GlobalAveragePool", "GlobalAveragePool", 40, [1, 16, 1, 1]],
  ["fc/Gemm", "Gemm", 50, [1, 10]],
  ["", "MemcpyToHost", 15, [1, 10]],
];
const TOTAL = 1000;

describe("profileOf", () => {
  test("adds time up by kind, with the engine's own work apart", () => {
    const { kinds, kernelMs } = profileOf(network(), traceOf(inNchwc));
    expect(kernelMs).toBe(TOTAL / 1000);
    const rows = kinds.map(({ kind, nodes, kernels, ms, time }) => [kind, nodes, kernels, ms, time]);
    expect(rows).toEqual([
      ["convolution", 5, 5, 0.807, 0.807],
      ["linear", 1, 1, 0.05, 0.05],
      ["normalization", 3, 0, 0, 0],
      ["activation", 4, 1, 0.015, 0.015],
      ["pooling", 2, 2, 0.05, 0.05],
      ["scale", 1, 1, 0.02, 0.02],
      ["sum", 1, 1, 0.03, 0.03],
      ["other", 1, 0, 0, 0],
      ["layout", 0, 3, 0.013, 0.013],
      ["engine", 0, 1, 0.015, 0.015],
    ]);
    const whole = (share: "macs" | "bytes") => kinds.reduce((sum, row) => sum + row[share], 0);
    expect([whole("macs"), whole("bytes")].map((sum) => sum.toFixed(9))).toEqual([
      "1.000000000",
      "1.000000000",
    ]);
  });

  test("adds time up by module, to the depth that is asked for", () => {
    const times = (depth: number) =>
      Object.fromEntries(
        profileOf(network(), traceOf(inNchwc), { depth }).modules.map(({ module, ms }) => [
          module,
          Math.round(ms * 1000),
        ]),
      );
    expect(times(1)).toEqual({
      conv1: 100,
      bn1: 0,
      Relu: 0,
      layer1: 782,
      GlobalAveragePool: 40,
      Flatten: 0,
      fc: 50,
      "layout (reorder)": 13,
      engine: 15,
    });
    expect(times(3)).toMatchObject({
      "layer1.0.conv1": 300,
      "layer1.0.downsample": 400,
      "layer1.0.se": 37,
      "layer1.0": 45,
    });
  });

  test("tells the part of SE blocks, and of what they cause", () => {
    const { seShare, seBlocks } = profileOf(network(), traceOf(inNchwc));
    expect(seBlocks).toBe(1);
    expect(seShare.time).toBeCloseTo((10 + 3 + 4 + 20) / TOTAL, 12);
    expect(seShare.behind).toBeCloseTo((30 + 15) / TOTAL, 12);
    // Of the scaled map, of the hidden layer, and of the shortcut, because the sum behind the block runs on plain maps.
    expect(seShare.reorders).toBeCloseTo((7 + 1 + 5) / TOTAL, 12);
    // fc1 and fc2 among all multiply-accumulates.
    const macs = 64 * 9 * (3 * 16 + 16 * 16 + 16 * 16) + 160;
    expect(seShare.macs).toBeCloseTo(128 / (macs + 128), 12);
    expect(seShare.bytes).toBeGreaterThan(0.1);
  });

  test("leaves the runs that warm up out, and takes each kernel's median of the others", () => {
    const run = (time: number): Row[] => [["fc/Gemm", "Gemm", time]];
    const trace = traceOf(run(900), run(20), run(30), run(1000));
    expect(profileOf(network(), trace, { warmup: 1 }).kernelMs).toBe(0.03);
  });

  test("refuses a trace in which all runs warm up", () => {
    const trace = traceOf([["fc/Gemm", "Gemm", 9]], [["fc/Gemm", "Gemm", 9]]);
    expect(() => profileOf(network(), trace, { warmup: 2 })).toThrow(
      new SenetError(
        "usage",
        "Profile: expected more runs in the trace than the 2 that warm up, found 2; run more often or lower warmup.",
      ),
    );
    expect(profileOf(network(), trace, { warmup: 1 }).kernelMs).toBe(0.009);
  });

  test("a network without SE blocks has no share of them", () => {
    const plain = network((b, x) => relu(b, conv(b, "1", x)));
    const { seBlocks, seShare } = profileOf(plain, traceOf([["logits_nchwc", "Conv", 5, MAP]]));
    expect(seBlocks).toBe(0);
    expect(seShare).toEqual({ time: 0, macs: 0, bytes: 0, behind: 0, reorders: 0 });
  });
});

describe("ownKernels", () => {
  const owners = (graph: ReturnType<typeof network>, rows: Row[]) =>
    ownKernels(graph, kernelsOf(rows)).map(({ node, reordered }) =>
      reordered
        ? `copies ${reordered.producer?.scope}/${reordered.producer?.op}`
        : node && `${node.scope}/${node.op}`,
    );

  test("a sum that is fused into a convolution leaves the other one to the kernel of its name", () => {
    const plain = network((b, x) =>
      b.scope("layer1", () =>
        b.scope(0, () =>
          relu(b, b.op("Add", [conv(b, "1", x), b.scope("downsample", () => conv(b, "2", x))])),
        ),
      ),
    );
    // The engine adds the shortcut while it computes the branch; both convolutions are as far behind the result.
    const rows: Row[] = [
      ["logits_nchwc", "Conv", 1, MAP],
      ["layer1.0.downsample.bn2/BatchNormalization_nchwc", "Conv", 1, MAP],
    ];
    expect(owners(plain, rows)).toEqual(["layer1.0.conv1/Conv", "layer1.0.downsample.conv2/Conv"]);
    expect(owners(plain, rows.toReversed())).toEqual(owners(plain, rows).toReversed());
  });

  test("names that the engine makes lead to the node they are of", () => {
    const graph = network((b, x) => {
      const y = b.scope("a", () => hardSwish(b, conv(b, "1", silu(b, conv(b, "0", x)))));
      return linear(
        b,
        "fc2",
        relu(b, linear(b, "fc", b.op("Flatten", [globalAveragePool(b, y)]), { out: 8 })),
        {
          out: 10,
        },
      );
    });
    const names: Row[] = [
      ["a.conv0/Conv", "FusedConv", 1, MAP],
      ["a/Mul/QuickGeluFusion/", "QuickGelu", 1, MAP],
      ["a.bn1/BatchNormalization_nchwc", "Conv", 1, MAP],
      ["HardSigmoid_39", "HardSigmoid", 1, MAP],
      ["Mul_40", "Mul", 1, MAP],
      ["ReorderOutput", "ReorderOutput", 1, MAP],
      ["GlobalAveragePool_nchwc", "GlobalAveragePool", 1, [1, 16, 1, 1]],
      ["fused fc/Gemm", "FusedGemm", 1, [1, 8]],
      ["Conv_123", "Conv", 1, [1]],
    ];
    expect(owners(graph, names)).toEqual([
      "a.conv0/Conv",
      "a/Sigmoid",
      "a.conv1/Conv",
      "a/HardSwish",
      "a/HardSwish",
      "copies a/HardSwish",
      "/GlobalAveragePool",
      "fc/Gemm",
      undefined,
    ]);
  });

  test("a copy is of the last result of what is fused, in any layout's shape", () => {
    const rows: Row[] = [
      ["conv1/Conv", "FusedConv", 1, MAP],
      ["ReorderInput", "ReorderInput", 1, [1, 16, 8, 8]],
      ["ReorderInput_2", "ReorderInput", 1, [1, 99, 99, 99]],
      ["logits_nchwc", "Conv", 1, [1, 4, 8, 8]],
    ];
    const graph = network((b, x) => conv2d(b, "conv2", relu(b, conv(b, "1", x, 12)), { out: 4 }));
    expect(owners(graph, rows)).toEqual(["conv1/Conv", "copies /Relu", undefined, "conv2/Conv"]);
  });
});

describe("medianKernels", () => {
  test("kernels of one name, or without one, are told apart by their order", () => {
    const runs = [
      kernelsOf([
        ["", "A", 1],
        ["", "A", 10],
        ["x", "A", 100],
      ]),
      kernelsOf([
        ["", "A", 3],
        ["", "A", 30],
        ["x", "A", 300],
      ]),
    ];
    expect(medianKernels(runs).map(({ microseconds }) => microseconds)).toEqual([2, 20, 200]);
  });
});

describe("parseTrace", () => {
  test.each([
    ["{", "it is not JSON"],
    ["{}", "it is not a list of events"],
    ["[]", "it has no kernels"],
    [traceOf([]), "it has no kernels"],
  ])("refuses %s", (text, what) => {
    expect(() => parseTrace(text)).toThrow(
      `The engine's profile: expected events as ONNX Runtime 1.30 writes them, but ${what}; install that version.`,
    );
  });

  test("skips what is no kernel, and does without what an event does not tell", () => {
    const events = [
      null,
      3,
      { cat: "Node", name: "a_fence_before", dur: 1 },
      { cat: "Node", name: "a_kernel_time" },
    ];
    const text = JSON.stringify([...events, { cat: "Node", name: "b_kernel_time", dur: 4 }, runEnd]);
    expect(parseTrace(text)).toEqual([[{ name: "b", op: "", microseconds: 4, output: [] }]]);
  });
});
