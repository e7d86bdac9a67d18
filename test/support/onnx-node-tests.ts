import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import type { Tensor } from "../../src/ir/tensor.ts";
import { readOnnx } from "../../src/onnx/read-onnx.ts";
import { readTensor } from "../../src/onnx/read-tensor.ts";
import { rewrittenOperators } from "../../src/onnx/rewrite-operators.ts";
import { operatorTable } from "../../src/ops/new-graph.ts";
import { toRef } from "../../src/reference/ref-tensor.ts";
import { executeGraph } from "../../src/runtime/execute-graph-node.ts";
import { evaluate } from "./evaluate.ts";

/** Where Debian's `libonnx-testdata` puts the node tests. */
export const debianNodeTests = "/usr/share/libonnx-testdata/data/node";

/** Tolerances of ONNX's backend test, `onnx.backend.test.runner`. */
const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

/** Each test states the set in which its operator last changed, which may be older than what is read; none of them changed up to this. */
const OLDEST = 7n;

export interface NodeTestResult {
  readonly name: string;
  /** The operator of a model of one node; `several` for a model of more. */
  readonly operator: string;
  /** `unclaimed`: it needs an operator that cannot be read; `refused`: a sentence says why; `failed`: other numbers, or a crash. */
  readonly verdict: "passed" | "refused" | "failed" | "unclaimed";
  readonly reason?: string;
}

/** Every operator of the standard that can be read. */
export const claimedOperators: ReadonlySet<string> = new Set([
  ...Object.keys(operatorTable).filter(
    (op) => operatorTable[op].domain === "" && operatorTable[op].type === undefined,
  ),
  ...rewrittenOperators,
  "Constant",
]);

/** Runs the ONNX project's node tests in a folder: reader, reference evaluator, writer and engine. */
export async function runNodeTests(folder: string): Promise<NodeTestResult[]> {
  const results: NodeTestResult[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (existsSync(join(folder, name, "model.onnx"))) results.push(await runNodeTest(folder, name));
  }
  return results;
}

async function runNodeTest(folder: string, name: string): Promise<NodeTestResult> {
  const model = fromBinary(ModelProtoSchema, readFileSync(join(folder, name, "model.onnx")));
  const nodes = model.graph?.node ?? [];
  const operator = nodes.length === 1 ? nodes[0].opType : "several";
  const unclaimed = nodes.find(({ opType, domain }) => domain !== "" || !claimedOperators.has(opType));
  if (unclaimed) return { name, operator, verdict: "unclaimed", reason: unclaimed.opType };
  let refusal = "";
  for (const adapt of [unchanged, firstOutputOnly, storeAllButFirst, storeAll]) {
    const attempt = await run(join(folder, name), adapt);
    if (attempt.verdict !== "refused") return { name, operator, ...attempt };
    refusal = attempt.reason ?? refusal;
  }
  return { name, operator, verdict: "refused", reason: refusal };
}

type Adapt = (
  model: GraphProto,
  inputs: readonly Tensor[],
  stored: Uint8Array[],
) => readonly Tensor[] | undefined;

/** The test as it is. */
const unchanged: Adapt = (_graph, inputs) => inputs;

/** Optional further outputs (a mask, indices, statistics) are not computed here. */
const firstOutputOnly: Adapt = (graph, inputs) => {
  if (graph.output.length < 2) return undefined;
  graph.output.length = 1;
  return inputs;
};

/** Shapes, axes and bounds, which must be constants here. */
const storeAllButFirst: Adapt = (graph, inputs, bytes) => store(graph, inputs, bytes, 1);
const storeAll: Adapt = (graph, inputs, bytes) => store(graph, inputs, bytes, 0);

function store(graph: GraphProto, inputs: readonly Tensor[], bytes: Uint8Array[], from: number) {
  if (inputs.length <= from) return undefined;
  for (const [i, { name }] of graph.input.entries()) {
    if (i < from || !bytes[i]) continue;
    const proto = fromBinary(TensorProtoSchema, bytes[i]);
    proto.name = name;
    graph.initializer.push(proto);
  }
  return inputs.slice(0, from);
}

type Attempt = Pick<NodeTestResult, "verdict" | "reason">;

async function run(folder: string, adapt: Adapt): Promise<Attempt> {
  const model: ModelProto = fromBinary(ModelProtoSchema, readFileSync(join(folder, "model.onnx")));
  if (!model.graph) return { verdict: "failed", reason: "no graph" };
  for (const entry of model.opsetImport) if (entry.version < OLDEST) entry.version = OLDEST;
  let feeds: Record<string, Tensor>;
  let graph: ReturnType<typeof readOnnx>;
  let expected: Tensor[];
  try {
    const inputs = tensorsOf(folder, "input");
    const kept = adapt(
      model.graph,
      inputs.map(({ tensor }) => tensor),
      inputs.map(({ bytes }) => bytes),
    );
    if (!kept) return { verdict: "refused" };
    const names = model.graph.input.map(({ name }) => name);
    graph = readOnnx(toBinary(ModelProtoSchema, model));
    feeds = Object.fromEntries(kept.map((tensor, i) => [names[i], tensor]));
    expected = tensorsOf(folder, "output").map(({ tensor }) => tensor);
    if ([...inputs.map(({ tensor }) => tensor), ...expected].some(({ dtype }) => dtype === "float16")) {
      return { verdict: "refused", reason: "the reference evaluator has no float16" };
    }
  } catch (error) {
    return { verdict: "refused", reason: sentence(error) };
  }
  const outputs = graph.outputs.map(({ name }) => name);
  try {
    const refs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toRef(tensor)]));
    const computed = evaluate(graph, refs);
    const apart = outputs.find((name, i) => !isClose(computed[name], toRef(expected[i])));
    if (apart) return { verdict: "failed", reason: `reference: ${apart} differs` };
  } catch (error) {
    return { verdict: "failed", reason: `reference: ${sentence(error)}` };
  }
  try {
    const found = await executeGraph(graph, feeds, { threads: 1 });
    const apart = outputs.find((name, i) => !isClose(toRef(found[name]), toRef(expected[i])));
    return apart ? { verdict: "failed", reason: `engine: ${apart} differs` } : { verdict: "passed" };
  } catch (error) {
    return { verdict: "failed", reason: `engine: ${sentence(error)}` };
  }
}

/** Content of `input_0.pb`, `input_1.pb`, … */
function tensorsOf(folder: string, kind: "input" | "output"): { tensor: Tensor; bytes: Uint8Array }[] {
  const data = join(folder, "test_data_set_0");
  const count = readdirSync(data).filter((file) => file.startsWith(`${kind}_`)).length;
  return Array.from({ length: count }, (_, i) => {
    const bytes = readFileSync(join(data, `${kind}_${i}.pb`));
    return { tensor: readTensor(fromBinary(TensorProtoSchema, bytes), `${kind} ${i}`), bytes };
  });
}

type Numbers = ReturnType<typeof toRef>;

function isClose(found: Numbers, expected: Numbers): boolean {
  if (found.shape.join() !== expected.shape.join()) return false;
  return expected.data.every((value, i) => {
    if (found.data[i] === value) return true; // infinities
    return Math.abs(found.data[i] - value) <= ABSOLUTE + RELATIVE * Math.abs(value);
  });
}

/** The reason in a message, without the names of this test. */
function sentence(error: unknown): string {
  return (error as Error).message
    .replace(/^ONNX file: /, "")
    .replace(/^(node|input|tensor|output) "[^"]*"( \(\w+\))?:? ?/, "")
    .replace(/^(\w+: |input \d+: )+/, "")
    .replace(/(found [^;]*|not supported); .*/, "$1")
    .replace(/\.$/, "");
}
