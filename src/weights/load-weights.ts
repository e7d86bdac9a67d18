import { SenetError } from "../base/errors.ts";
import { type Graph, knownShape, parametersOf, statesOf, type Value } from "../ir/graph.ts";
import { formatShape } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import { withWeights } from "../passes/graph/with-weights.ts";
import { findHead, type Head } from "./find-head.ts";
import { toFloat32 } from "./formats/float-convert.ts";
import type { WeightsEntry, WeightsFile } from "./formats/weights-file.ts";
import { matchWeights, type WeightsMatch } from "./match-weights.ts";
import { drawnHead } from "./reset-head.ts";
import { selectRows } from "./select-rows.ts";
import { refuseMismatch } from "./weights-mismatch.ts";
import type { WeightsReport } from "./weights-report.ts";

/** What `loadWeights` does with the classifier. */
export interface LoadWeightsOptions {
  /** Leave the classifier's weight and bias as they are in the graph, for other classes than the file's. Default false. */
  readonly resetHead?: boolean;
  /** With `resetHead`: draw the classifier's values anew from this seed instead of keeping the graph's. */
  readonly seed?: number;
  /**
   * The file's class for each class of the network, where the order or the number differs: a permutation, or `1, 2, …, 1000` for a file
   * whose class 0 is a background. Default: the same order.
   */
  readonly labels?: readonly number[];
}

/** A network with weights from a file, and a report on every tensor. */
export interface LoadedWeights {
  readonly graph: Graph;
  readonly report: WeightsReport;
}

/**
 * The graph with its parameters and states from a file (or a map) of tensors, whose names may be another library's: see `matchWeights`.
 * Tensors are read one by one and converted to float32 where they are of another floating-point type. Every parameter and state must be
 * found; what the file has beyond them is listed in the report.
 *
 * @throws SenetError `checkpoint` when tensors are missing or have other shapes; its `cause` lists all. `usage` when `labels` or
 * `resetHead` make no sense for this graph; as `read` of the file
 * @example
 * await using file = await openWeights("seresnet50.safetensors");
 * const { graph, report } = await loadWeights(createModel("seresnet50"), file);
 */
export async function loadWeights(
  graph: Graph,
  file: WeightsFile | ReadonlyMap<string, Tensor>,
  { resetHead = false, seed, labels }: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const weights = "entries" in file && "read" in file ? file : ofMap(file);
  const { what } = weights;
  const head = resetHead || labels ? requireHead(graph, resetHead ? "resetHead" : "labels") : findHead(graph);
  const headNames = namesOf(head);
  const stored = [...parametersOf(graph), ...statesOf(graph)];
  const expected = new Map(
    stored.map((value): [string, WeightsEntry] => [
      value.name ?? "",
      { dtype: value.dtype, shape: knownShape(value) },
    ]),
  );
  const found = labels && head ? relabelled(weights, expected, head, labels, graph.name) : weights;
  const match = matchWeights(expected, found.entries);
  const fresh = resetHead ? headNames : [];
  const report = reportOf(what, match, new Set(fresh));
  refuseMismatch(graph.name, report, headNames);

  const tensors = new Map<string, Tensor>();
  for (const { name, from } of report.loaded) {
    const tensor = fitted(await found.read(from), expected.get(name));
    tensors.set(name, name.endsWith("running_var") ? shifted(tensor, match.table?.varianceShift) : tensor);
  }
  if (resetHead && head)
    for (const [{ name = "" }, tensor] of freshHead(head, seed)) tensors.set(name, tensor);
  return { graph: withWeights(graph, tensors), report };
}

/** What `loadWeights` needs of a file. */
type Weights = Pick<WeightsFile, "what" | "entries" | "read">;

function ofMap(tensors: ReadonlyMap<string, Tensor>): Weights {
  return {
    what: "weights",
    entries: tensors,
    async read(name) {
      const tensor = tensors.get(name);
      if (tensor) return tensor;
      throw new SenetError("unknown-name", `weights: tensor "${name}" is not among them; check the name.`);
    },
  };
}

/** A tensor in the type and the shape that the network has for it; that it fits has been checked. */
function fitted(tensor: Tensor, expected: WeightsEntry | undefined): Tensor {
  if (!expected) return tensor;
  const converted = tensor.dtype === expected.dtype ? tensor : (toFloat32(tensor) ?? tensor);
  return { ...converted, shape: expected.shape };
}

/** Running variances under another epsilon; see `NameTable`. */
function shifted(tensor: Tensor, shift: number | undefined): Tensor {
  if (shift === undefined) return tensor;
  return { ...tensor, data: Float32Array.from(tensor.data as Float32Array, (variance) => variance + shift) };
}

function requireHead(graph: Graph, option: string): Head {
  const head = findHead(graph);
  if (head) return head;
  throw new SenetError(
    "usage",
    `${option}: expected a network that ends in a fully connected layer or a convolution, found none in ${graph.name}; leave it out.`,
  );
}

function namesOf(head: Head | undefined): string[] {
  return [head?.weight.name, head?.bias?.name].filter((name) => name !== undefined);
}

/** What the match says, with the classifier taken out where it keeps its own values. */
function reportOf(source: string, match: WeightsMatch, fresh: ReadonlySet<string>): WeightsReport {
  const { matched, missing, unexpected, misshaped, ignored, table } = match;
  const pairs = [...matched].map(([name, from]) => ({ name, from }));
  const leftOut = [...pairs, ...misshaped].filter(({ name }) => fresh.has(name));
  return {
    source,
    loaded: pairs.filter(({ name }) => !fresh.has(name)),
    missing: missing.filter((name) => !fresh.has(name)),
    unexpected,
    misshaped: misshaped.filter(({ name }) => !fresh.has(name)),
    ignored: [
      ...ignored,
      ...leftOut.map(({ from }) => ({ name: from, why: "classifier, which keeps fresh values" })),
    ],
    resetHead: [...fresh],
    ...(table && { namesOf: table.from }),
    notes:
      table?.varianceShift === undefined
        ? []
        : [
            `running variances raised by ${table.varianceShift.toFixed(5)}, as ${table.from} has a larger BatchNorm epsilon: predictions are the same, further training starts from this network's epsilon`,
          ],
  };
}

/** The classifier's values: the graph's own, or drawn from the seed. */
function freshHead(head: Head, seed: number | undefined): ReadonlyMap<Value, Tensor> {
  if (seed !== undefined) return drawnHead(head, knownShape(head.weight)[head.classAxis], seed);
  return new Map(
    [head.weight, head.bias].flatMap((value) => (value?.tensor ? [[value, value.tensor] as const] : [])),
  );
}

/** The file with the classes of its classifier in the network's order. */
function relabelled(
  file: Weights,
  expected: ReadonlyMap<string, WeightsEntry>,
  head: Head,
  labels: readonly number[],
  network: string,
): Weights {
  const classes = head.weight.shape[head.classAxis];
  if (head.classAxis !== 0 || labels.length !== classes) {
    throw new SenetError(
      "usage",
      `labels: expected ${head.classAxis === 0 ? `${classes} classes, one for each of ${network}` : "a classifier whose first axis counts the classes"}, found ${labels.length} in a classifier ${formatShape(head.weight.shape)}; correct the list.`,
    );
  }
  const { matched, misshaped } = matchWeights(expected, file.entries);
  const theirs = new Set(
    namesOf(head).map((name) => matched.get(name) ?? misshaped.find((other) => other.name === name)?.from),
  );
  const entries = new Map(
    [...file.entries].map(([name, entry]): [string, WeightsEntry] =>
      theirs.has(name)
        ? [name, { ...entry, shape: [labels.length, ...entry.shape.slice(1)] }]
        : [name, entry],
    ),
  );
  return {
    what: file.what,
    entries,
    async read(name) {
      const tensor = await file.read(name);
      return theirs.has(name) ? selectRows(tensor, labels, `${file.what}: tensor "${name}"`) : tensor;
    },
  };
}
